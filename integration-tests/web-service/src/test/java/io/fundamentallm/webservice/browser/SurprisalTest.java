package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import io.fundamentallm.Tokenizers;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SurprisalTest extends BrowserTest {
  private static final String TEXT = "It is a truth, zxq!\nthat a man";

  @BeforeEach
  void open() {
    visit("#surprisal");
  }

  @Test
  void each_token_is_one_shaded_element() throws Exception {
    measure(TEXT);

    Locator tokens = find(".token");
    assertThat(tokens).hasCount(Tokenizers.load(Novel.directory()).encode(TEXT).length);
    assertThat(String.join("", tokens.allTextContents()).replace("↵", "")).isEqualTo(TEXT);
    Set<String> shades = new HashSet<>();
    for (Locator token : tokens.all()) {
      assertThat(token)
          .hasAttribute("aria-label", Pattern.compile(".+, (\\d+\\.\\d+ bits|no surprisal)"));
      shades.add((String) token.evaluate("token => getComputedStyle(token).backgroundColor"));
    }
    assertThat(shades).hasSizeGreaterThan(2).doesNotContain("rgba(0, 0, 0, 0)");
  }

  @Test
  void while_it_measures_it_says_so() {
    Queue<Route> held = new ArrayDeque<>();
    page().route("**/v1/completions", held::add);
    measure(TEXT);
    assertThat(find("#surprisal-figures")).hasText("Measuring…");

    page().waitForCondition(() -> !held.isEmpty());
    held.remove().resume();
    assertThat(find("#surprisal-figures")).containsText("tokens");

    measure(TEXT);
    page().waitForCondition(() -> !held.isEmpty());
    held.remove()
        .fulfill(
            new Route.FulfillOptions().setStatus(500).setBody("{\"error\":{\"message\":\"no\"}}"));
    assertThat(find("#surprisal-error")).isVisible();
    assertThat(find("#surprisal-figures")).isEmpty();
    expectRefusals(500);
  }

  @Test
  void alternatives_appear_where_one_points() {
    measure(TEXT);
    find(".token").nth(3).hover();

    alternativesAreThoseOf(find(".token").nth(3));
    String third = find("#details").textContent();
    find(".token").nth(5).hover();
    alternativesAreThoseOf(find(".token").nth(5));
    assertThat(find("#details").textContent()).isNotEqualTo(third);
  }

  @Test
  void alternatives_appear_where_the_keyboard_is() {
    measure(TEXT);
    assertThat(find(".token").first()).hasAttribute("tabindex", "0");
    page().keyboard().press("Tab"); // from "Measure", past nothing else, into the text
    assertThat(find(".token").first()).isFocused();

    page().keyboard().press("ArrowRight");
    page().keyboard().press("ArrowRight");
    assertThat(find(".token").nth(2)).isFocused();
    alternativesAreThoseOf(find(".token").nth(2));
    page().keyboard().press("End");
    assertThat(find(".token").last()).isFocused();
    page().keyboard().press("ArrowRight"); // nothing beyond it
    assertThat(find(".token").last()).isFocused();
    alternativesAreThoseOf(find(".token").last());
    page().keyboard().press("Home");
    assertThat(find(".token").first()).isFocused();
  }

  @Test
  void probabilities_add_up_to_one_and_those_of_tokens_to_no_more() {
    measure(TEXT);
    assertThat(find(".token").first()).isVisible();
    for (Locator token : find(".token").all()) {
      token.hover();
      List<Double> all = values("#details data");
      if (all.isEmpty()) {
        assertThat(token).hasAttribute("aria-label", Pattern.compile("no surprisal"));
        continue;
      }
      double shown = sum(values("#details li:not(.rest) data"));
      assertThat(shown).isPositive().isLessThanOrEqualTo(1 + 1e-5);
      assertThat(sum(all)).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
    }
  }

  @Test
  void the_text_just_generated_can_be_looked_at() {
    find("nav a[href='#generate']").click();
    generate("It is a truth", "temperature=1", 30);
    assertThat(find("#generate-surprisal")).isVisible();
    String written = find("#generate-text").textContent();
    find("#generate-surprisal").click();

    assertThat(find("#surprisal-view")).isVisible();
    assertThat(find(".token")).hasCount(30);
    assertThat(find("#tokens .prompt")).hasText("It is a truth");
    assertThat(find("#tokens").textContent().replace("↵", "")).isEqualTo(written);
    assertThat(find("#surprisal-input")).hasValue(written);
    find(".token").nth(4).hover();
    alternativesAreThoseOf(find(".token").nth(4));
  }

  @Test
  void without_surprisal_nothing_is_offered() {
    find("nav a[href='#generate']").click();
    find("[name=logprobs]").uncheck();
    generate("It is a truth", "greedy", 5);

    assertThat(find("#generate-figures")).containsText("5 tokens");
    assertThat(find("#generate-surprisal")).isHidden();
  }

  private void alternativesAreThoseOf(Locator token) {
    assertThat(token).hasAttribute("aria-selected", "true");
    String label = token.getAttribute("aria-label");
    assertThat(find("#details .spelled")).hasText(label.substring(0, label.lastIndexOf(", ")));
    assertThat(find("#details .figures"))
        .containsText(label.substring(label.lastIndexOf(", ") + 2));
    // five, and the token itself where it is none of them
    int itself = find("#details li.itself").count();
    assertThat(itself).isEqualTo(1);
    assertThat(find("#details li:not(.rest)").count()).isBetween(5, 6);
  }

  private List<Double> values(String selector) {
    return find(selector).all().stream()
        .map(data -> Double.parseDouble(data.getAttribute("value")))
        .toList();
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }
}
