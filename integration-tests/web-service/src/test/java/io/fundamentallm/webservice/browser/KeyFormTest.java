package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.webservice.Server;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A service that wants a key. */
class KeyFormTest extends BrowserTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start(Novel.directory());
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  Server server() {
    return server;
  }

  @Test
  void the_key_is_asked_for_and_then_works() {
    visit("#generate");
    assertThat(find("#key-form")).isVisible();
    assertThat(find("#key")).isFocused();
    assertThat(find("#models-error")).hasText(refusal("v1/models", Map.of()));

    page().keyboard().type("wrong");
    page().keyboard().press("Enter");
    assertThat(find("#key-form")).isVisible();
    assertThat(find("#key")).hasValue("");
    find("#key").fill("日本");
    find("#key").press("Enter");
    assertThat(find("#models-error")).containsText("no key can have");
    assertThat(find("#key-form")).isVisible();
    find("#key").fill(Server.KEY);
    find("#key").press("Enter");

    assertThat(find("#key-form")).isHidden();
    assertThat(find("#models-error")).isHidden();
    assertThat(find("#model option")).not().hasCount(0);
    generate("It is a truth", "greedy", 5);
    assertThat(find("#generate-figures")).containsText("5 tokens");
    expectRefusals(401);
  }

  @Test
  void the_key_is_kept_until_the_tab_closes() {
    visit("#generate");
    find("#key").fill(Server.KEY);
    find("#key").press("Enter");
    assertThat(find("#model option")).not().hasCount(0);
    expectRefusals(401);

    page().reload();
    assertThat(find("#model option")).not().hasCount(0);
    assertThat(find("#key-form")).isHidden();
    assertThat(page().evaluate("() => localStorage.length + document.cookie.length")).isEqualTo(0);
  }
}
