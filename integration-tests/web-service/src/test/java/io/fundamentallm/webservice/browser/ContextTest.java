package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.webservice.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"generate", "compare", "chat"})
  void no_view_asks_for_more_than_the_model_sees(String view) {
    List<String> bodies = new ArrayList<>();
    page().onRequest(request -> bodies.add(String.valueOf(request.postData())));
    visit("#" + view);
    assertThat(find("#" + view + "-view [data-says]")).containsText("sees 64 tokens at a time");
    find("#" + view + "-tokens").fill("100000");
    if (view.equals("chat")) {
      say("a");
    } else {
      find("#" + view + "-form [type=submit]").click();
    }

    assertThat(find("#" + view + "-view .figures:has-text('finish')").first()).isVisible();
    assertThat(bodies).anyMatch(body -> body.contains("\"max_tokens\":64"));
    assertThat(bodies).noneMatch(body -> body.contains("\"max_tokens\":100000"));
  }

  @Test
  void of_a_longer_conversation_the_first_turns_are_left_out() {
    visit("#chat");
    find("#chat-tokens").fill("4");
    find("#chat-thinking").fill("0");
    say("It is a truth universally");
    assertThat(find(".turn.assistant .figures")).containsText("finish");
    say("acknowledged");
    assertThat(find(".turn.assistant .figures").nth(1)).containsText("finish");
    say("that a single man in");

    assertThat(find(".turn.assistant .figures").nth(2))
        .containsText(Pattern.compile("the first \\d turns were left out"));
    assertThat(find(".turn")).hasCount(6); // what is left out is still there to be read
    expectRefusals(400);
  }

  @Test
  void a_turn_that_the_model_cannot_see_whole_is_refused_in_the_servers_words() {
    visit("#chat");
    say(LONG);
    assertThat(find("#chat-error")).containsText("64");
    assertThat(find(".turn")).hasCount(1); // to be edited
    expectRefusals(400);
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
