package io.fundamentallm.webservice.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingReport;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library's report of a training, as a browser without a network shows it. */
@Tag("browser")
class ReportInBrowserTest {
  private static final int STEPS = 1200;
  private static Chromium chromium;

  @TempDir private static Path folder;

  @BeforeAll
  static void start() throws IOException {
    chromium = Chromium.start();
    Path directory = Path.of("a-directory-with-a-long-name-that-does-not-fit-a-phone".repeat(2));
    TrainingPlan plan = TrainingPlan.builder(directory).steps(STEPS).build();
    try (TrainingReport report = TrainingReport.of(folder.resolve("report.html"), plan)) {
      for (int step = 1; step <= STEPS; step++) {
        double loss = 2 + 5 * Math.exp(-step / 100.0) + (step % 2) * 0.2;
        report.onStep(
            new TrainingListener.Progress(
                step, STEPS, loss, 1e-3, 1, 123_456, Duration.ZERO, Duration.ZERO));
        if (step % 300 == 0) {
          String sample = "</script><b>" + step + "</b> " + "unbroken".repeat(40);
          report.onEvaluation(
              new TrainingListener.Evaluation(step, 2.5, 1.5, 0.4, step == STEPS, sample));
        }
      }
      report.onEnd(new TrainingResult(directory, STEPS, 2, 2.5, 123_456, Duration.ofMinutes(1)));
    }
  }

  @AfterAll
  static void end() {
    chromium.close();
  }

  private final List<String> complaints = new ArrayList<>();

  private Page open(int width, ColorScheme colors) {
    Page page =
        chromium.open(
            new Browser.NewContextOptions()
                .setViewportSize(width, 900)
                .setColorScheme(colors)
                .setOffline(true));
    page.onConsoleMessage(message -> complaints.add(message.text()));
    page.onPageError(complaints::add);
    page.onRequest(
        request -> {
          if (!request.url().startsWith("file:")) {
            complaints.add("asked for " + request.url());
          }
        });
    page.navigate(folder.resolve("report.html").toUri().toString());
    page.locator("#loss svg g").waitFor();
    return page;
  }

  @ParameterizedTest
  @CsvSource({"1280,LIGHT", "1280,DARK", "400,LIGHT", "320,DARK"})
  void nothing_is_cut_off(int width, ColorScheme colors) {
    Page page = open(width, colors);
    assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(width);
    assertThat(
            page.evaluate(
                """
                () => [...document.querySelectorAll('body *')].filter((element) => {
                  const {left, right} = element.getBoundingClientRect();
                  return element.checkVisibility() && (left < 0 || right > innerWidth);
                }).map((element) => element.outerHTML.slice(0, 100))
                """))
        .isEqualTo(List.of());
    assertThat(
            page.evaluate(
                """
                () => [...document.querySelectorAll('svg')].flatMap((svg) => {
                  const box = svg.getBoundingClientRect();
                  return [...svg.querySelectorAll('text')].filter((text) => {
                    const {left, right, top, bottom} = text.getBoundingClientRect();
                    return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
                  }).map((text) => text.textContent);
                })
                """))
        .isEqualTo(List.of());
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", "report-" + width + "-" + colors + ".png")));
    page.context().close();
    assertThat(complaints).isEmpty();
  }

  @Test
  void the_pointer_shows_figures_and_the_sample_of_its_step() {
    Page page = open(1280, ColorScheme.LIGHT);
    assertThat(page.locator("#at").textContent()).startsWith("step 1,200, loss ");
    assertThat(page.locator("#sample pre").textContent()).startsWith("</script><b>1200</b>");

    page.locator("#loss").hover();
    assertThat(page.locator("#at").textContent())
        .contains("step 5", "validation 2.5000 at step 300");
    assertThat(page.locator("#sample h3").textContent()).isEqualTo("After step 300 it writes");

    page.locator("#loss").press("ArrowRight");
    assertThat(page.locator("#at").textContent()).contains("step 6");
    page.context().close();
    assertThat(complaints).isEmpty();
  }

  @Test
  void the_slider_smooths_the_curve_and_the_page_remembers_it() {
    Page page = open(400, ColorScheme.LIGHT);
    String before = smoothed(page);
    page.locator("#smoothing").fill("0");
    assertThat(smoothed(page)).isNotEqualTo(before);
    assertThat(smoothed(page)).isEqualTo(page.locator("#loss polyline.raw").getAttribute("points"));
    String at = smoothed(page);
    page.reload();
    page.locator("#loss svg g").waitFor();
    assertThat(smoothed(page)).isEqualTo(at);
    page.context().close();
    assertThat(complaints).isEmpty();
  }

  private static String smoothed(Page page) {
    return page.locator("#loss polyline.a").getAttribute("points");
  }
}
