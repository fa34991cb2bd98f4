package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.fundamentallm.webservice.Server;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The views Generate and Compare, and what turns between views. */
class PageTest extends BrowserTest {
  private static final String SCRIPT = "<img src=x onerror=\"document.title='run'\">";

  @Test
  void the_address_names_the_view() {
    visit("#compare");
    assertThat(find("#compare-view")).isVisible();
    assertThat(find("#generate-view")).isHidden();
    assertThat(page()).hasTitle("Compare – FundamentaLLM");

    find("nav a[href='#surprisal']").click();
    assertThat(find("#surprisal-view")).isVisible();
    assertThat(find("nav a[aria-current=page]")).hasText("Surprisal");

    page().goBack();
    assertThat(find("#compare-view")).isVisible();
  }

  @Test
  void a_continuation_is_written_while_it_comes() throws Exception {
    visit("#generate");
    generate("It is a truth", "greedy", 8000);

    Locator text = find("#generate-text");
    Locator continuation = text.locator("span").nth(1);
    assertThat(continuation).not().isEmpty();
    server().awaitRunning(1); // and more is to come
    assertThat(text).hasAttribute("aria-busy", "true");
    String early = continuation.textContent();

    assertThat(text).hasAttribute("aria-busy", "false");
    assertThat(continuation.textContent()).startsWith(early).hasSizeGreaterThan(early.length());
    assertThat(find("#generate-figures"))
        .hasText(
            Pattern.compile(
                "8000 tokens\\s· \\d+ tokens/s\\s· first after \\d+ ms\\s· finish: length"));
    assertThat(text.locator(".prompt")).hasText("It is a truth");
  }

  @Test
  void a_text_can_be_asked_for_before_the_models_are_listed() {
    page().route("**/v1/models", route -> {}); // no answer ever comes
    visit("#generate");
    generate("It is a truth", "greedy", 5);

    assertThat(find("#generate-figures")).containsText("5 tokens");
    assertThat(find("#model option")).hasCount(0);
  }

  @Test
  void stop_ends_a_continuation_and_frees_its_place() throws Exception {
    double cancelled = server().metric("fundamentallm.requests.cancelled");
    double generated = server().metric("fundamentallm.tokens.generated");
    visit("#generate");
    generate("It is a truth", "temperature=1", 40_000);
    Locator text = find("#generate-text");
    assertThat(text.locator("span").nth(1)).not().isEmpty();
    server().awaitRunning(1);

    find("#generate-stop-button").click();
    server().awaitRunning(0);
    Server.await(
        "it is counted", () -> server().is("fundamentallm.requests.cancelled", cancelled + 1));
    assertThat(server().metric("fundamentallm.tokens.generated") - generated).isLessThan(40_000);

    assertThat(text).hasAttribute("aria-busy", "false");
    assertThat(find("#generate-figures")).containsText("finish: stopped here");
    assertThat(find("#generate-error")).isHidden();
    String stopped = text.textContent();
    generate("It is a truth", "greedy", 5);
    assertThat(find("#generate-figures")).containsText("finish: length");
    assertThat(text.textContent()).hasSizeLessThan(stopped.length());
  }

  @Test
  void a_stop_text_may_hold_a_line_break() {
    visit("#generate");
    find("#generate-stop").fill("\\n");
    generate("It is a truth", "temperature=0.8", 400);

    assertThat(find("#generate-figures")).containsText("finish: stop");
    assertThat(find("#generate-text").textContent()).doesNotContain("\n");
  }

  @Test
  void a_seed_that_was_drawn_can_be_used_again() {
    visit("#generate");
    generate("It is a truth", "temperature=1", 40);
    assertThat(find("#generate-figures")).containsText("finish");
    String first = find("#generate-text").textContent();
    Locator seed = find("#generate-seed");

    // the number first: a narrow field cuts off the end
    assertThat(seed).hasAttribute("placeholder", Pattern.compile("\\d+, random"));
    seed.fill(seed.getAttribute("placeholder").replaceAll("\\D", ""));
    generate("It is a truth", "temperature=1", 40);

    assertThat(find("#generate-figures")).containsText("finish");
    assertThat(find("#generate-text").textContent()).isEqualTo(first);
  }

  @Test
  void a_sampler_can_be_chosen_and_edited() {
    visit("#generate");
    Locator sampler = page().locator("#generate-sampler");
    find("[data-fills=generate-sampler]").selectOption("temperature=0.8");
    assertThat(sampler).hasValue("temperature=0.8");
    assertThat(sampler).isFocused();
    sampler.press("End");
    sampler.pressSequentially(",top-k=3");
    find("#generate-tokens").fill("5");
    find("#generate-prompt").press("Control+Enter");
    assertThat(find("#generate-figures")).containsText("5 tokens");
  }

  @Test
  void an_error_of_the_server_is_shown_in_its_own_words() {
    visit("#generate");
    generate("It is a truth", "tempratur=1", 5);

    assertThat(find("#generate-error"))
        .hasText(
            refusal("v1/completions", Map.of("prompt", "It is a truth", "sampler", "tempratur=1")));
    assertThat(find("#generate-form [type=submit]")).isEnabled();
    expectRefusals(400);
  }

  @Test
  void there_are_as_many_columns_as_samplers() {
    visit("#compare");
    assertThat(find(".column")).hasCount(3);
    find("#compare-add").click();
    assertThat(find(".column")).hasCount(4);
    assertThat(find("#compare-add")).isDisabled();
    page().getByLabel("Remove sampler 1").click();
    page().getByLabel("Remove sampler 1").click();
    assertThat(find(".column")).hasCount(2);
    assertThat(page().getByLabel("Remove sampler 1")).isHidden();
  }

  @Test
  void samplers_get_the_same_prompt_and_seed() {
    visit("#compare");
    find("#compare-sampler-1").fill("temperature=1");
    find("#compare-sampler-2").fill("temperature=1");
    find("#compare-sampler-3").fill("greedy");
    find("#compare-tokens").fill("60");
    find("#compare-form [type=submit]").click();

    Locator texts = find(".column .text");
    assertThat(find(".column .figures").nth(2)).containsText("finish: length");
    assertThat(find("#compare-form [type=submit]")).isEnabled();
    assertThat(texts.nth(0).textContent()).isEqualTo(texts.nth(1).textContent());
    assertThat(texts.nth(2).textContent()).isNotEqualTo(texts.nth(1).textContent());
  }

  @Test
  void a_refused_sampler_leaves_the_others_their_text() {
    visit("#compare");
    find("#compare-sampler-2").fill("tempratur=1");
    find("#compare-form [type=submit]").click();

    assertThat(find(".column").nth(1).locator(".error")).containsText("tempratur");
    for (int i : new int[] {0, 2}) {
      assertThat(find(".column").nth(i).locator(".figures")).containsText("finish");
      assertThat(find(".column").nth(i).locator(".error")).isHidden();
    }
    expectRefusals(400);
  }

  @Test
  void what_looks_like_a_script_stays_text() {
    visit("#generate");
    generate(SCRIPT, "greedy", 5);
    assertThat(find("#generate-figures")).containsText("finish");
    assertThat(find("#generate-text .prompt")).hasText(SCRIPT);
    find("#generate-surprisal").click();
    measure(SCRIPT);
    find(".token").first().hover();
    find("nav a[href='#compare']").click();
    find("#compare-prompt").fill(SCRIPT);
    find("#compare-form [type=submit]").click();
    assertThat(find(".column .prompt").first()).hasText(SCRIPT);
    assertThat(find("#compare-form [type=submit]")).isEnabled();

    assertThat(find("img")).hasCount(0);
    assertThat(page()).hasTitle("Compare – FundamentaLLM");
  }

  @Test
  void every_stage_and_decoder_of_the_server_is_explained() {
    visit("#generate");
    Object missing =
        page()
            .evaluate(
                """
                async () => {
                  const {explained} = await import('./js/explain.js');
                  const {data, decoders} = await (await fetch('v1/samplers')).json();
                  return [...data, ...decoders].map(({id}) => id).filter((id) => !explained.includes(id));
                }
                """);
    assertThat(missing).isEqualTo(List.of());
  }

  @Test
  void a_spec_is_explained_while_it_is_typed() {
    visit("#generate");
    Locator words = find("#generate-explained li");
    assertThat(words)
        .hasText(
            new Pattern[] {
              Pattern.compile("temperature 0.8: below 1.*"),
              Pattern.compile("top-p 0.9: .* 90 % .*")
            });
    find("#generate-sampler")
        .fill("temperature=1.5,json-schema=\"{\\\"a\\\": 1,2}\",dry(multiplier=1,base=2)");
    assertThat(words).hasCount(3);
    assertThat(words.first()).containsText("above 1");
    find("#generate-sampler").fill("top-k=");
    assertThat(words).hasText("top-k"); // what it wants, the server says
    find("#generate-sampler").fill("tempratur=1");
    assertThat(words).hasText("tempratur 1");
  }

  @Test
  void an_example_fills_the_empty_half_until_there_is_a_text() {
    visit("#generate");
    find("#generate-tokens").fill("5");
    find("#generate-begin button").first().click();
    assertThat(find("#generate-sampler")).hasValue("greedy");
    assertThat(find("#generate-figures")).containsText("5 tokens");
    assertThat(find("#generate-begin")).isHidden();

    visit("#surprisal");
    find("#surprisal-begin button").first().click();
    assertThat(find(".token").first()).isVisible();
    assertThat(find("#surprisal-begin")).isHidden();
  }

  @Test
  void events_are_read_wherever_they_are_cut() {
    visit("#generate");
    Object read =
        page()
            .evaluate(
                """
                async () => {
                  const {events} = await import('./js/events.js');
                  const bytes = new TextEncoder().encode(
                      ': comment\\r\\ndata: né\\r\\n\\r\\nevent: x\\rdata:a\\rdata: b\\r\\rid: 1\\n\\ndata: end');
                  const all = [];
                  for (let size = 1; size <= bytes.length; size++) {
                    const body = new ReadableStream({
                      start(controller) {
                        for (let at = 0; at < bytes.length; at += size) {
                          controller.enqueue(bytes.slice(at, at + size));
                        }
                        controller.close();
                      },
                    });
                    const read = [];
                    for await (const data of events(body)) read.push(data);
                    all.push(read.join('|'));
                  }
                  return [...new Set(all)];
                }
                """);
    assertThat(read).isEqualTo(List.of("né|a\nb"));
  }
}
