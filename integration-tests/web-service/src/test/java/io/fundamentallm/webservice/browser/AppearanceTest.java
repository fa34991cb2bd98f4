package io.fundamentallm.webservice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Colours, widths and names. */
class AppearanceTest extends BrowserTest {
  private static final List<String> VIEWS = List.of("chat", "generate", "compare", "surprisal");
  private static final String PARAGRAPH =
      """
      However little known the feelings or views of such a man may be on his first entering a \
      neighbourhood, this truth is so well fixed in the minds of the surrounding families, that \
      he is considered the rightful property of some one or other of their daughters.

      "My dear Mr. Bennet," said his lady to him one day, "have you heard that Netherfield Park \
      is let at last?\"""";
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  /**
   * Every element with text of its own, and the contrast that WCAG 2 computes, where it is below
   * 4.5.
   */
  private static final String TOO_FAINT =
      """
      () => {
        const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
        const luminance = ([r, g, b]) => {
          const [R, G, B] = [r, g, b].map((c) => c / 255)
              .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * R + 0.7152 * G + 0.0722 * B;
        };
        const ground = (element) => {
          const [r, g, b, a = 1] = channels(getComputedStyle(element).backgroundColor);
          return a === 0 ? ground(element.parentElement) : [r, g, b];
        };
        const texts = [...document.body.querySelectorAll('*')].filter((element) =>
            element.checkVisibility() && !element.matches('option, .picked select') &&
            (element.matches('input, textarea') ||
             [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')));
        if (texts.length < 10) throw new Error('nothing to look at');
        return texts.map((element) => {
          const [high, low] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))]
              .sort((a, b) => b - a);
          return {element, contrast: (high + 0.05) / (low + 0.05)};
        }).filter(({contrast}) => !(contrast >= 4.5))
          .map(({element, contrast}) => `${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
      }
      """;

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void text_stands_out_from_its_ground(ColorScheme scheme) {
    open(new Browser.NewContextOptions().setColorScheme(scheme));
    visit("#generate");
    for (String view : VIEWS) {
      fill(view, "It is a truth, zxq, that a single man");
      assertThat(page().evaluate(TOO_FAINT)).as(view).isEqualTo(List.of());
    }
    assertThat(find(".legend .shade")).hasCount(7); // all of them were looked at
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 1280})
  void nothing_scrolls_sideways(int width) {
    open(new Browser.NewContextOptions().setViewportSize(width, 800));
    visit("#generate");
    for (String view : VIEWS) {
      fill(view, "a".repeat(120) + " truth");
      assertThat(page().evaluate("() => document.documentElement.scrollWidth"))
          .as(view)
          .isEqualTo(width);
    }
  }

  @Test
  void what_can_be_used_has_a_name() {
    visit("#generate");
    for (String view : VIEWS) {
      fill(view, "It is a truth, that a single man");
      Object nameless =
          page()
              .evaluate(
                  """
                  () => [...document.querySelectorAll('input, select, textarea, button, [role=option]')]
                      .filter((element) => element.checkVisibility())
                      .filter((element) => !element.ariaLabel && !element.labels?.[0]?.textContent.trim() &&
                          !(element.tagName === 'BUTTON' && element.textContent.trim()))
                      .map((element) => element.outerHTML)
                  """);
      assertThat(nameless).as(view).isEqualTo(List.of());
    }
  }

  @ParameterizedTest
  @CsvSource({"NO_PREFERENCE, beat", "REDUCE, none"})
  void nothing_moves_for_those_who_do_not_want_it(ReducedMotion motion, String animation) {
    open(new Browser.NewContextOptions().setReducedMotion(motion));
    visit("#generate");
    Object name =
        find("#generate-text")
            .evaluate(
                """
                (text) => {
                  document.getElementById('generate-begin').hidden = true;
                  text.setAttribute('aria-busy', 'true');
                  return getComputedStyle(text, '::after').animationName;
                }
                """);
    assertThat(name).isEqualTo(animation);
  }

  /** For people to look at. */
  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "400, LIGHT", "400, DARK"})
  void screenshots(int width, ColorScheme scheme) throws IOException {
    open(new Browser.NewContextOptions().setViewportSize(width, 800).setColorScheme(scheme));
    visit("#generate");
    for (String view : VIEWS) {
      fill(
          view,
          view.equals("surprisal") ? PARAGRAPH : "It is a truth universally acknowledged, that");
      Path file =
          SCREENSHOTS.resolve(
              "%s-%d-%s.png".formatted(view, width, scheme.name().toLowerCase(Locale.ROOT)));
      page().screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
      assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(width);
    }
  }

  /** Turns to a view, and waits until it holds what it is for. */
  private void fill(String view, String text) {
    find("nav a[href='#" + view + "']").click();
    switch (view) {
      case "chat" -> {
        find("#chat-log article").first().or(find("#chat-input")).first().waitFor();
        if (find("#chat-options > summary").isVisible()) {
          find("#chat-options > summary").click();
        }
        find("#chat-seed").fill("3");
        find("#chat-thinking").fill("20");
        find("#chat-tokens").fill("260");
        if (find("#chat-tools").isHidden()) {
          find(".tools > summary").click();
        }
        find("#chat-example").click();
        find("#chat-choice").selectOption("required");
        if (find("#chat-options > summary").isVisible()) {
          find("#chat-options > summary").click();
        }
        find("#chat-input").fill(text);
        find("#chat-send").click();
        assertThat(find(".turn.assistant .figures")).containsText("finish");
        find(".thinking summary").click();
        assertThat(find(".call")).not().hasCount(0);
      }
      case "generate" -> {
        find("#generate-seed").fill("1");
        generate(text, "temperature=0.8,top-p=0.9", 200);
        assertThat(find("#generate-figures")).containsText("finish");
      }
      case "compare" -> {
        find("#compare-seed").fill("1");
        find("#compare-prompt").fill(text);
        find("#compare-tokens").fill("80");
        find("#compare-form [type=submit]").click();
        assertThat(find(".column .figures:has-text('finish')")).hasCount(3);
      }
      default -> {
        measure(text);
        assertThat(find(".token").nth(10)).isVisible();
        find(".token").nth(10).click();
        assertThat(find("#details li").first()).isVisible();
      }
    }
  }
}
