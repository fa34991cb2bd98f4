package io.fundamentallm.webservice.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.fundamentallm.webservice.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** A window on the page of a running service. No test may leave a complaint on its console. */
@Tag("browser")
abstract class BrowserTest {
  private static Server shared;
  private static Chromium chromium;

  private final List<String> complaints = new ArrayList<>();
  private Page page;

  @BeforeAll
  static void startBoth() throws Exception {
    PlaywrightAssertions.setDefaultAssertionTimeout(Chromium.PATIENCE_MILLIS);
    chromium = Chromium.start(); // first: what fails without it fails at once
    if (shared == null) {
      shared =
          Server.start(
              Novel.directory(),
              "--fundamentallm.api-key=",
              "--fundamentallm.limits.max-tokens=40000");
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
  }

  @AfterAll
  static void endChromium() {
    if (chromium != null) {
      chromium.close();
    }
  }

  @BeforeEach
  void openWindow() {
    open(new Browser.NewContextOptions());
  }

  @AfterEach
  void nothing_is_complained_of() {
    page.context().close();
    assertThat(complaints).isEmpty();
  }

  /** Another window in place of this one. */
  final void open(Browser.NewContextOptions options) {
    if (page != null) {
      page.context().close();
    }
    page = chromium.open(options);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.text() + " at " + message.location());
          }
        });
    page.onPageError(complaints::add); // an exception that nobody caught
  }

  /** Opens the page, at a view such as {@code #compare}. */
  final void visit(String view) {
    page.navigate(server().uri("/" + view).toString());
  }

  /** The service that the page comes from; one for all, without a key, if not said otherwise. */
  Server server() {
    return shared;
  }

  final Page page() {
    return page;
  }

  final Locator find(String selector) {
    return page.locator(selector);
  }

  /** Says something to the model, and does not wait for its answer. */
  final void say(String text) {
    find("#chat-input").fill(text);
    find("#chat-input").press("Enter");
  }

  /** Asks for a continuation, and does not wait for it. */
  final void generate(String prompt, String sampler, int tokens) {
    find("#generate-prompt").fill(prompt);
    find("#generate-sampler").fill(sampler);
    find("#generate-tokens").fill(String.valueOf(tokens));
    find("#generate-form [type=submit]").click();
  }

  /** Asks for the surprisal of a text, and does not wait for it. */
  final void measure(String text) {
    find("#surprisal-input").fill(text);
    find("#surprisal-form [type=submit]").click();
  }

  /**
   * What the service says against a request, asked without the page's own code. An empty body asks
   * with GET.
   */
  final String refusal(String path, Map<String, ?> body) {
    return (String)
        page.evaluate(
            """
            async ([path, body]) => {
              const post = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)};
              const answer = await fetch(path, Object.keys(body).length === 0 ? {} : post);
              return (await answer.json()).error.message;
            }
            """,
            List.of(path, body));
  }

  /** The browser itself notes each refused request on the console. Nothing else may stand there. */
  final void expectRefusals(int status) {
    assertThat(complaints)
        .isNotEmpty()
        .allSatisfy(
            complaint ->
                assertThat(complaint)
                    .startsWith("Failed to load resource")
                    .contains(" " + status + " "));
    complaints.clear();
  }
}
