package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.webservice.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The view Chat. */
class ChatTest extends BrowserTest {
  @BeforeEach
  void visitChat() {
    visit(""); // the first view
    assertThat(find("#model option")).not().hasCount(0);
    find("#chat-tokens").fill("40");
    find("#chat-seed").fill("1");
    find("#chat-thinking").fill("0");
  }

  private Locator answers() {
    return find(".turn.assistant");
  }

  private void sayAndWait(String text) {
    int before = answers().count();
    say(text);
    assertThat(answers().nth(before).locator(".figures")).containsText("finish");
  }

  @Test
  void a_message_is_answered_and_the_figures_say_how() {
    assertThat(find("#chat-begin")).isVisible();
    sayAndWait("Who is Mr. Darcy?");

    assertThat(find("#chat-begin")).isHidden();
    assertThat(find("#chat-input")).hasValue("");
    assertThat(find(".turn.user .said")).hasText("Who is Mr. Darcy?");
    assertThat(answers().locator(".said")).not().isEmpty();
    assertThat(answers().locator(".figures"))
        .hasText(
            Pattern.compile(
                "40 tokens\\s· \\d+ tokens/s\\s· first after \\d+ ms\\s· \\d+ of \\d+ prompt tokens"
                    + " from the cache\\s· finish: length"));

    sayAndWait("And his sister?");
    assertThat(answers().nth(1).locator(".figures"))
        .hasText(Pattern.compile(".*[1-9]\\d* of \\d+ prompt tokens from the cache.*"));
  }

  @Test
  void the_system_prompt_stands_before_the_conversation() {
    find("#chat-system").fill("You are brief.");
    String[] body = new String[1];
    page()
        .onRequest(
            request -> {
              if (request.url().endsWith("/chat/completions")) {
                body[0] = request.postData();
              }
            });
    sayAndWait("Hello");
    assertThat(body[0])
        .contains(
            "\"messages\":[{\"role\":\"system\",\"content\":\"You are brief.\"},"
                + "{\"role\":\"user\",\"content\":\"Hello\"}]");
  }

  @Test
  void stop_and_escape_end_an_answer_and_free_its_place() throws Exception {
    find("#chat-tokens").fill("40000");
    say("Go on");
    server().awaitRunning(1);
    assertThat(answers().locator(".said")).not().isEmpty();
    assertThat(find("#chat-log")).hasAttribute("aria-busy", "true");
    find("#chat-send").click(); // which is Stop
    server().awaitRunning(0);
    assertThat(answers().locator(".figures")).containsText("finish: stopped here");
    assertThat(find("#chat-send")).hasText("Send");

    say("Go on");
    assertThat(answers().nth(1).locator(".said")).not().isEmpty();
    page().keyboard().press("Escape");
    assertThat(answers().nth(1).locator(".figures")).containsText("finish: stopped here");
    assertThat(find("#chat-error")).isHidden();
  }

  @Test
  void pieces_that_come_faster_than_a_screen_shows_them_are_painted_together() {
    int pieces = 3000;
    String piece = "{\"choices\": [{\"delta\": {\"content\": \"a \"}, \"finish_reason\": %s}]}";
    String answer =
        ("data: " + piece.formatted("null") + "\n\n").repeat(pieces - 1)
            + ("data: " + piece.formatted("\"length\"") + "\n\ndata: [DONE]\n\n");
    page()
        .route(
            "**/chat/completions",
            route ->
                route.fulfill(
                    new Route.FulfillOptions()
                        .setContentType("text/event-stream")
                        .setBody(answer)));
    page()
        .evaluate(
            """
            () => {
              window.paints = 0;
              new MutationObserver(() => window.paints++)
                .observe(document.getElementById('chat-log'), {subtree: true, childList: true});
            }
            """);
    sayAndWait("Go on");
    assertThat(answers().locator(".figures")).containsText(pieces + " tokens");
    assertThat(answers().locator(".said")).hasText("a ".repeat(pieces).strip());
    assertThat((Integer) page().evaluate("() => window.paints")).isLessThan(pieces / 3);
  }

  @Test
  void a_new_chat_ends_the_answer_that_is_being_written() throws Exception {
    find("#chat-tokens").fill("40000");
    say("Go on");
    assertThat(answers().locator(".said")).not().isEmpty();
    find("#chat-new").click();
    assertThat(find(".turn")).hasCount(0);
    assertThat(find("#chat-send")).hasText("Send");
    assertThat(find("#chat-log")).hasAttribute("aria-busy", "false");
    server().awaitRunning(0);

    find("#chat-tokens").fill("20");
    sayAndWait("Hello");
    assertThat(find(".turn")).hasCount(2);
  }

  @Test
  void what_is_written_anew_is_lost_only_for_something_new() {
    sayAndWait("Who is Mr. Darcy?");
    String first = answers().locator(".said").textContent();
    find("#chat-sampler").fill("nonsense");
    page().getByLabel("Regenerate turn 2").click();
    assertThat(find("#chat-error")).containsText("nonsense");
    assertThat(answers().locator(".said")).hasText(first);

    page().getByLabel("Edit turn 1").click();
    find(".edit textarea").fill("Who is Jane?");
    find(".edit textarea").press("Enter");
    assertThat(find(".edit")).hasCount(0);
    assertThat(find("#chat-error")).containsText("nonsense");
    assertThat(find(".turn.user .said")).hasText("Who is Mr. Darcy?");
    assertThat(answers().locator(".said")).hasText(first);

    say("And his sister?");
    assertThat(find(".turn")).hasCount(3);
    find("#chat-sampler").fill("");
    page().getByLabel("Answer turn 3 again").click();
    assertThat(answers().nth(1).locator(".figures")).containsText("finish");
    assertThat(find("#chat-error")).isHidden();
    expectRefusals(400);
  }

  @Test
  void regenerate_writes_the_turn_anew_and_drops_what_followed() {
    sayAndWait("Who is Mr. Darcy?");
    String first = answers().locator(".said").textContent();
    sayAndWait("And his sister?");
    find("#chat-seed").fill("2");
    page().getByLabel("Regenerate turn 2").click();
    assertThat(find(".turn")).hasCount(2);
    assertThat(answers().locator(".figures")).containsText("finish");
    assertThat(answers().locator(".said").textContent()).isNotEqualTo(first);

    find("#chat-seed").fill("1");
    page().getByLabel("Regenerate turn 2").click();
    assertThat(answers().locator(".said")).hasText(first); // the same seed, the same text
  }

  @Test
  void an_edited_turn_is_sent_anew() {
    sayAndWait("Who is Mr. Darcy?");
    sayAndWait("And his sister?");
    page().getByLabel("Edit turn 1").click();
    Locator field = find(".edit textarea");
    assertThat(field).isFocused();
    assertThat(field).hasValue("Who is Mr. Darcy?");
    field.press("Escape");
    assertThat(find(".turn")).hasCount(4);
    assertThat(page().getByLabel("Edit turn 1")).isFocused();

    page().getByLabel("Edit turn 1").click();
    field.fill("Who is Jane?");
    field.press("Enter");
    assertThat(find(".turn")).hasCount(2);
    assertThat(find(".turn.user .said")).hasText("Who is Jane?");
    assertThat(answers().locator(".figures")).containsText("finish");
  }

  @Test
  void thinking_is_folded() {
    find("#chat-thinking").fill("15");
    sayAndWait("Hello");
    Locator thought = find(".thinking p");
    assertThat(find(".thinking summary")).hasText("Thought");
    assertThat(thought).isHidden();
    find(".thinking summary").click();
    assertThat(thought).isVisible();
    assertThat(thought).not().isEmpty();

    find("#chat-thinking").fill("0");
    page().getByLabel("Regenerate turn 2").click();
    assertThat(answers().locator(".figures")).containsText("finish");
    assertThat(find(".thinking")).isHidden();
  }

  @Test
  void a_call_is_a_card_and_its_result_is_sent_back() {
    find(".tools > summary").click();
    find("#chat-example").click();
    find("#chat-choice").selectOption("required");
    find("#chat-tokens").fill("1000");
    sayAndWait("Is it cold in Oslo?");

    Locator call = find(".call").first();
    assertThat(call.locator("h4")).hasText("weather");
    assertThat(Server.json(call.locator("pre").textContent()).get("city").isString()).isTrue();
    find(".results textarea").first().fill("-3 degrees");
    find("#chat-choice").selectOption("none");
    find("#chat-tokens").fill("20");
    page().getByText(Pattern.compile("Send results?")).click();
    assertThat(find(".turn.tool .said").first()).hasText("-3 degrees");
    assertThat(answers().nth(1).locator(".figures")).containsText("20 tokens");
    assertThat(find(".results")).hasCount(0);
    assertThat(find("#chat-error")).isHidden();
  }

  @Test
  void tools_that_are_none_are_told_before_anything_is_sent() {
    find(".tools > summary").click();
    find("#chat-tools").fill("{\"name\": ");
    say("Hello");
    assertThat(find("#chat-error")).containsText("The tools are no JSON");
    find("#chat-tools").fill("[{\"title\": \"a\"}]");
    page().getByLabel("Edit turn 1").click();
    find(".edit textarea").press("Enter");
    assertThat(find("#chat-error")).containsText("Each tool needs a name");
    find("#chat-tools").fill("");
    page().getByLabel("Edit turn 1").click();
    find(".edit textarea").press("Enter");
    assertThat(answers().locator(".figures")).containsText("finish");
    assertThat(find("#chat-error")).isHidden();
  }

  @Test
  void the_conversation_is_kept_until_a_new_one_begins() {
    sayAndWait("Hello");
    String answer = answers().locator(".said").textContent();
    page().reload();
    assertThat(answers().locator(".said")).hasText(answer);
    find("#chat-new").click();
    assertThat(find(".turn")).hasCount(0);
    assertThat(find("#chat-begin")).isVisible();
    page().reload();
    assertThat(find("#chat-begin")).isVisible();
    assertThat(find(".turn")).hasCount(0);
  }

  @Test
  void what_looks_like_a_script_stays_text() {
    String script = "<img src=x onerror=\"document.title='run'\">";
    find("#chat-system").fill(script);
    sayAndWait(script);
    assertThat(find(".turn.user .said")).hasText(script);
    assertThat(find("img")).hasCount(0);
    assertThat(page()).hasTitle("Chat – FundamentaLLM");
  }

  @Test
  void everything_can_be_done_with_the_keyboard_alone() {
    page().reload();
    assertThat(find("#model option")).not().hasCount(0);
    assertThat(find("#chat-input")).isFocused();
    page().keyboard().type("two");
    page().keyboard().press("Shift+Enter");
    page().keyboard().type("lines");
    page().keyboard().press("Enter");
    assertThat(answers().locator(".figures")).containsText("finish");
    assertThat(find(".turn.user .said")).hasText("two\nlines");
    assertThat(find("#chat-input")).isFocused();

    page().keyboard().press("ArrowUp"); // the last turn again
    assertThat(find(".edit textarea")).isFocused();
    page().keyboard().press("Escape");
    assertThat(page().getByLabel("Edit turn 1")).isFocused();
    tabTo("Regenerate turn 2");
    page().keyboard().press("Enter");
    assertThat(find("#chat-input")).isFocused();
    assertThat(answers().locator(".figures")).containsText("finish");
    tabTo("New chat");
    page().keyboard().press("Enter");
    assertThat(find("#chat-begin")).isVisible();
  }

  private void tabTo(String name) {
    for (int i = 0; i < 40; i++) {
      page().keyboard().press("Tab");
      Object focused =
          page()
              .evaluate(
                  "() => document.activeElement.ariaLabel ?? document.activeElement.textContent");
      if (name.equals(focused)) {
        return;
      }
    }
    throw new AssertionError("Tab does not lead to " + name);
  }

  @Test
  void a_screen_reader_finds_the_conversation_in_order() {
    sayAndWait("Hello");
    assertThat(find("#chat-view"))
        .matchesAriaSnapshot(
            """
            - region "Chat":
              - heading "Chat" [level=2]
              - log "Conversation":
                - article "You, turn 1":
                  - paragraph: Hello
                  - button "Edit turn 1"
                - article "Model, turn 2":
                  - heading "Model" [level=3]
                  - paragraph: /./
                  - paragraph: /40 tokens/
                  - button "Regenerate turn 2"
              - textbox "Message"
              - button "New chat"
              - button "Send"
            """);
  }

  @Test
  void where_it_is_narrow_the_settings_are_folded() {
    open(new Browser.NewContextOptions().setViewportSize(400, 800));
    visit("");
    assertThat(find("#chat-system")).isHidden();
    find("#chat-options > summary").click();
    assertThat(find("#chat-system")).isVisible();
    find("#chat-tokens").fill("200");
    find("#chat-options > summary").click();
    sayAndWait("Hello");
    assertThat(find("#chat-input")).isInViewport(); // also below a long answer
  }

  @Test
  void a_model_without_a_template_says_so_and_goes_on_with_texts() throws Exception {
    Path plain = TinyChat.copy(Novel.directory(), Files.createTempDirectory("plain"), false);
    try (Server other = Server.start(plain, "--fundamentallm.api-key=")) {
      page().navigate(other.uri("/").toString());
      assertThat(find("#generate-view")).isVisible();
      find("nav a[href='#chat']").click();
      assertThat(find("#chat-none")).isVisible();
      assertThat(find("#chat-form")).isHidden();
      find("#chat-none a").click();
      assertThat(find("#generate-view")).isVisible();
    }
  }
}
