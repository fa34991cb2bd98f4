package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.webservice.Server;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A model that sees fewer tokens than people write. */
class ContextTest extends BrowserTest {
  private static final int CONTEXT = 64;
  private static final String LONG =
      "It is a truth universally acknowledged, that a single man in possession of a good fortune,"
          .concat(" must be in want of a wife. However little known the feelings or views of such")
          .concat(" a man may be on his first entering a neighbourhood, this truth is so well")
          .concat(" fixed in the minds of the surrounding families, that he is considered as the")
          .concat(" rightful property of some one or other of their daughters. 😀 zxq!\n")
          .repeat(2)
          .strip();

  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start(Novel.ofContext(CONTEXT), "--fundamentallm.api-key=");
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
  void a_longer_text_is_measured_in_windows() throws Exception {
    visit("#surprisal");
    assertThat(find("#surprisal-view [data-says]")).containsText("sees 64 tokens at a time");
    measure(LONG);

    int count = Tokenizers.load(Novel.directory()).encode(LONG).length;
    assertThat(count).isGreaterThan(2 * CONTEXT);
    Locator tokens = find(".token");
    assertThat(tokens).hasCount(count);
    assertThat(find("#surprisal-error")).isHidden();
    assertThat(find("#surprisal-figures"))
        .containsText(Pattern.compile(count + " tokens.*in \\d+ windows of 64 tokens"));
    int scored = 0;
    for (Locator token : tokens.all()) {
      scored += token.getAttribute("aria-label").contains("no surprisal") ? 0 : 1;
    }
    assertThat(scored).isGreaterThanOrEqualTo(count - 1); // but for the first of all
    expectRefusals(400); // the whole text was tried
  }

  @Test
  void a_text_that_fits_is_measured_in_one() {
    visit("#surprisal");
    measure("It is a truth");

    assertThat(find(".token").first()).isVisible();
    assertThat(find("#surprisal-figures")).not().containsText("windows");
  }

  @Test
  void a_text_ends_where_the_context_is_full_and_the_page_says_so() {
    visit("#generate");
    assertThat(find("#generate-view [data-says]")).containsText("sees 64 tokens at a time");
    generate("It is a truth", "temperature=1", 200);

    assertThat(find("#generate-figures")).containsText("the context of 64 tokens is full");
    assertThat(find("#generate-error")).isHidden();
  }

  @Test
  void of_a_longer_prompt_the_end_is_continued() {
    visit("#generate");
    generate(LONG, "temperature=1", 10);

    assertThat(find("#generate-figures"))
        .containsText(
            Pattern.compile("10 tokens.*only the last \\d+ characters of the prompt were seen"));
    assertThat(find("#generate-error")).isHidden();
    expectRefusals(400); // the whole prompt was tried
  }
}
