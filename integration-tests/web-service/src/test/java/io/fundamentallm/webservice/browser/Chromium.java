package io.fundamentallm.webservice.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The browser that the machine has. None is downloaded. */
final class Chromium implements AutoCloseable {
  /** What Playwright waits for at most, also on a busy machine. */
  static final int PATIENCE_MILLIS = 600_000;

  private final Playwright playwright;
  private final Browser browser;

  private Chromium(Playwright playwright, Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  static Chromium start() {
    Path program = Path.of(System.getProperty("chromium", "/usr/bin/chromium"));
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException(
          "expected Chromium at "
              + program
              + ", and no program is there: install Debian's package chromium, or name another by"
              + " -Dchromium=PATH");
    }
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    boolean root = System.getProperty("user.name").equals("root"); // whom its sandbox refuses
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(program)
                    .setTimeout(PATIENCE_MILLIS)
                    .setArgs(root ? List.of("--no-sandbox") : List.of()));
    return new Chromium(playwright, browser);
  }

  /** A page in a window of its own, which shares nothing with others. */
  Page open(Browser.NewContextOptions options) {
    BrowserContext window = browser.newContext(options);
    window.setDefaultTimeout(PATIENCE_MILLIS);
    return window.newPage();
  }

  @Override
  public void close() {
    playwright.close(); // and the browser with it
  }
}
