// benchmark.html was the benchmark's address: leads to its view, with what the link asked for.
location.replace(`./#/benchmark${location.search}`);
