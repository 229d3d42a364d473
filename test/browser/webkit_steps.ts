// What a user does and sees on the page in WebKit, which is driven by W3C WebDriver.
import { Builder, By, Capabilities, Key, type WebDriver, type WebElement } from 'selenium-webdriver';
import { startWebKitDriver, type WebKitOptions } from '../../src/cli/browser/webkit.ts';
import { PATIENCE } from './page_steps.ts';

export class WebKitPage {
  private constructor(
    readonly driver: WebDriver,
    /** Ends the browser. */
    readonly close: () => Promise<void>,
  ) {}

  static async start(options: WebKitOptions): Promise<WebKitPage> {
    const server = await startWebKitDriver(options);
    const driver = await new Builder()
      .usingServer(server.url)
      .withCapabilities(new Capabilities(server.capabilities))
      .build();
    return new WebKitPage(driver, async () => {
      await driver.quit();
      await server.close();
    });
  }

  /** From then on the page's errors are kept. */
  async open(url: string): Promise<void> {
    await this.driver.get(url);
    await this.keepErrors();
  }

  /** Shows another address of the page that is open, as a link does: nothing is loaded again. */
  async visit(fragment: string): Promise<void> {
    await this.run((address) => {
      location.hash = address;
    }, fragment);
    await this.shown();
  }

  /** Until what was done is seen: the page shows its state anew once a frame. */
  private shown(): Promise<void> {
    return this.driver.executeAsyncScript(
      'requestAnimationFrame(() => requestAnimationFrame(arguments[arguments.length - 1]))',
    );
  }

  async reload(): Promise<void> {
    await this.driver.navigate().refresh();
    await this.keepErrors();
  }

  private async keepErrors(): Promise<void> {
    await this.run(() => {
      const errors: string[] = [];
      Object.assign(globalThis, { errors });
      addEventListener('error', ({ message }) => errors.push(message));
      addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason)));
      console.error = (...said) => errors.push(said.join(' '));
    });
  }

  /** Uncaught errors and what the page wrote with console.error, since it was loaded. */
  readonly errors = () => this.run(() => (globalThis as unknown as { errors: string[] }).errors);

  /** In the page. */
  run<R, A extends readonly unknown[]>(script: (...args: A) => R, ...args: A): Promise<R> {
    return this.driver.executeScript<R>(`return (${script}).apply(null, arguments)`, ...args);
  }

  element = (selector: string): Promise<WebElement> =>
    this.until(
      () => this.driver.findElement(By.css(selector)).catch(() => undefined),
      () => `no ${selector}`,
    );

  /** Clicks, and waits until the page shows it. */
  async click(selector: string): Promise<void> {
    await (await this.element(selector)).click();
    await this.shown();
  }

  /** Replaces a field's text by typing. */
  async type(field: string, typed: string): Promise<void> {
    const input = await this.element(`#${field}`);
    await input.clear();
    await input.sendKeys(typed);
  }

  async fill(fields: { readonly [field: string]: string }): Promise<void> {
    for (const [field, typed] of Object.entries(fields)) await this.type(field, typed);
  }

  /** Presses a key where the focus is, or at an element that takes it. */
  async press(key: keyof typeof Key, selector?: string): Promise<void> {
    if (selector !== undefined)
      await this.run((at) => document.querySelector<HTMLElement>(at)!.focus(), selector);
    await this.driver
      .actions()
      .sendKeys(Key[key] as string)
      .perform();
  }

  /** With single spaces; empty if there is no such element. */
  text = (selector: string): Promise<string> =>
    this.run((at) => document.querySelector(at)?.textContent?.replace(/\s+/g, ' ').trim() ?? '', selector);

  texts = (selector: string): Promise<string[]> =>
    this.run(
      (at) => [...document.querySelectorAll(at)].map((each) => each.textContent!.replace(/\s+/g, ' ').trim()),
      selector,
    );

  /** Once the text is as wanted. */
  async untilText(selector: string, wanted: RegExp, patience = PATIENCE.timeout): Promise<string> {
    let last = '';
    return this.until(
      async () => {
        last = await this.text(selector);
        return wanted.test(last) ? last : undefined;
      },
      () => `no ${wanted} in ${selector}: ${last}`,
      patience,
    );
  }

  /** Once there is a value. @throws Error with the complaint and what the view says is wrong */
  async until<T>(
    look: () => Promise<T | undefined>,
    complaint: () => string,
    patience = PATIENCE.timeout,
  ): Promise<T> {
    for (const deadline = performance.now() + patience; ; ) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > deadline) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const problems = await this.texts('.problem:not(:empty)');
    throw new Error([complaint(), ...problems, ...(await this.errors())].join('; '));
  }

  /** Presses at the first place, moves over the others and lets go; each in shares of the element. */
  async draw(selector: string, corners: readonly (readonly [x: number, y: number])[]): Promise<void> {
    const origin = await this.element(selector);
    const { width, height } = await origin.getRect();
    // WebDriver counts from the middle.
    const at = ([x, y]: readonly [number, number]) => ({
      origin,
      x: Math.round((x - 0.5) * width),
      y: Math.round((y - 0.5) * height),
    });
    const actions = this.driver.actions().move(at(corners[0])).press();
    for (const corner of corners.slice(1)) actions.move({ ...at(corner), duration: 200 });
    await actions.release().perform();
  }
}
