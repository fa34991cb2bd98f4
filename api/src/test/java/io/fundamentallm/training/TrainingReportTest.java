package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.internal.report.Curve;
import io.fundamentallm.internal.report.CurveChart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class TrainingReportTest {
  @TempDir private Path folder;

  private TrainingPlan plan() {
    return TrainingPlan.builder(folder.resolve("<model>")).steps(40).build();
  }

  private Path file() {
    return folder.resolve("reports/report.html");
  }

  private String html() throws IOException {
    return Files.readString(file());
  }

  private static TrainingListener.Progress step(int step) {
    return new TrainingListener.Progress(
        step, 40, 4.0 / step, 1e-3, 1.5, 10_000, Duration.ofSeconds(step), Duration.ofSeconds(9));
  }

  private static TrainingListener.Evaluation evaluation(int step, boolean whole, String sample) {
    return new TrainingListener.Evaluation(step, 1.25, 1.5, 0.375, whole, sample);
  }

  @Test
  void it_is_there_from_the_beginning_and_loads_itself_again_until_the_training_ends()
      throws IOException {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      assertThat(html()).contains("not yet begun", "http-equiv=\"refresh\"", "nothing yet");
      report.onMemory(new TrainingMemory(1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20));
      for (int step = 1; step <= 20; step++) {
        report.onStep(step(step));
      }
      report.onEvaluation(evaluation(20, false, "so far"));
      assertThat(html())
          .contains("step 20 of 40", "so far", "http-equiv=\"refresh\"", "10 MiB: weights 1")
          .doesNotContain("nothing yet");
      report.onEnd(
          new TrainingResult(Path.of("model"), 20, 0.2, 1.25, 10_000, Duration.ofSeconds(75)));
      assertThat(html()).contains("finished after 20 steps and 1:15").doesNotContain("refresh");
    }
    try (var files = Files.list(file().getParent())) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void it_says_why_a_training_ended() throws IOException {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      report.onStep(step(1));
      report.onFailure(new IllegalStateException("at step 2 the loss is NaN"));
    }
    assertThat(html())
        .contains("stopped: java.lang.IllegalStateException: at step 2 the loss is NaN")
        .doesNotContain("refresh");
  }

  @Test
  void what_a_model_writes_is_text_and_never_markup() throws IOException {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      report.onEvaluation(evaluation(1, true, "</pre><script>alert('\"&\u0000')</script>\n\ud800"));
    }
    assertThat(html())
        .contains("&lt;/pre&gt;&lt;script&gt;alert(&#39;&quot;&amp;\uFFFD&#39;)&lt;/script&gt;\n")
        .contains("&lt;model&gt;")
        .doesNotContain("<script>alert", "<model>")
        .containsOnlyOnce("<script");
  }

  @Test
  void it_needs_nothing_beside_it_and_fits_dark_screens_and_phones() throws IOException {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      report.onStep(step(1));
      report.onEvaluation(evaluation(1, false, ""));
    }
    assertThat(html())
        .doesNotContain("https:", "src=", "href=", "@import", "url(", "fetch(", "import(");
    assertThat(html().replace("http://www.w3.org/2000/svg", "")) // the name of SVG, never loaded
        .doesNotContain("http:")
        .contains("prefers-color-scheme:dark", "name=\"viewport\"", "lang=\"en\"");
  }

  @Test
  void the_table_has_every_evaluation_with_its_figures() throws IOException {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      report.onEvaluation(evaluation(10, false, "one"));
      report.onEvaluation(
          new TrainingListener.Evaluation(20, 0.5, Double.NaN, Double.NaN, true, "two"));
    }
    assertThat(html())
        .contains(
            "step\">10",
            "loss\">1.250",
            "perplexity\">3.490",
            "byte\">1.500",
            "accuracy\">0.3750",
            "<td class=\"text\"><pre>one</pre>")
        .contains(
            "step\">20 (all tokens)<td class=\"n\" data-name=\"loss\">0.5000<td class=\"n\"",
            "perplexity\">1.649",
            "byte\">–",
            "accuracy\">–",
            "<pre>two</pre>");
  }

  @Test
  void the_curves_are_well_formed_pictures() throws Exception {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      for (int step = 1; step <= 40; step++) {
        report.onStep(step(step));
      }
      report.onEvaluation(evaluation(20, false, ""));
      report.onEvaluation(evaluation(40, false, ""));
    }
    List<Document> pictures = new ArrayList<>();
    Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html());
    while (svg.find()) {
      pictures.add(
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(svg.group().getBytes(StandardCharsets.UTF_8))));
    }
    // loss, learning rate, gradient norm, speed
    assertThat(pictures)
        .extracting(picture -> picture.getElementsByTagName("polyline").getLength())
        .containsExactly(3, 1, 1, 1);
    assertThat(pictures.get(0).getElementsByTagName("circle").getLength()).isEqualTo(2);
    String points =
        pictures
            .get(0)
            .getElementsByTagName("polyline")
            .item(0)
            .getAttributes()
            .getNamedItem("points")
            .getNodeValue();
    assertThat(points.strip().chars().filter(c -> c == ',').count()).isEqualTo(40);
    assertThat(points).startsWith("52.0,").doesNotContain("NaN");
  }

  @Test
  void one_that_goes_on_shows_what_was_before_the_stop() throws Exception {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      for (int step = 1; step <= 25; step++) {
        report.onStep(step(step));
        if (step % 10 == 0) {
          report.onEvaluation(evaluation(step, false, "--> after " + step + " \ud800"));
        }
      }
      report.onFailure(new IllegalStateException("killed"));
    }
    TrainingPlan resumed = plan().toBuilder().resume().build();
    try (TrainingReport report = TrainingReport.of(file(), resumed)) {
      // the last checkpoint was that of step 15, so that step 16 comes again
      for (int step = 16; step <= 40; step++) {
        report.onStep(step(step));
      }
      report.onEvaluation(evaluation(40, true, "the end"));
    }
    assertThat(points(html())).isEqualTo(40);
    assertThat(html())
        .contains("--&gt; after 10", "the end")
        .doesNotContain("after 20")
        .containsOnlyOnce("<!--history");
    assertThat(html().split("<circle", -1)).hasSize(3);

    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      report.onStep(step(1));
      report.onFailure(new IllegalStateException("killed"));
      assertThat(points(html())).as("another training in its place").isEqualTo(1);
    }
  }

  @Test
  void pairs_have_rewards_also_after_a_stop() throws IOException {
    TrainingPlan pairs =
        plan().toBuilder()
            .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss("dpo(beta=0.2)"))
            .build();
    try (TrainingReport report = TrainingReport.of(file(), pairs)) {
      report.onEvaluation(
          new TrainingListener.Evaluation(10, 0.5, Double.NaN, 0.75, false, "", 1.5));
      report.onFailure(new IllegalStateException("killed"));
    }
    String[] shown = {
      "<h2>Loss, per pair</h2>",
      "<th>reward accuracy<th>reward margin",
      "data-name=\"reward accuracy\">0.7500<td class=\"n\" data-name=\"reward margin\">1.500"
    };
    assertThat(html()).contains(shown).doesNotContain("<th>perplexity", "bits per byte");
    try (TrainingReport report = TrainingReport.of(file(), pairs.toBuilder().resume().build())) {
      report.onStep(step(11));
      report.onEvaluation(new TrainingListener.Evaluation(20, 0.25, Double.NaN, 1, false, "", 2));
    }
    assertThat(html()).contains(shown).contains("reward margin\">2.000");
    try (TrainingReport report =
        TrainingReport.of(
            file(),
            plan().toBuilder()
                .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss("dpoplus"))
                .build())) {
      report.onEvaluation(evaluation(1, false, ""));
    }
    assertThat(html()).as("another loss").contains("<th>perplexity");
  }

  @Test
  void a_page_that_is_damaged_or_something_else_has_no_history() throws Exception {
    TrainingPlan resumed = plan().toBuilder().resume().build();
    Files.createDirectories(file().getParent());
    for (String page :
        new String[] {
          "",
          "<!--history {\"loss\":[1,1,2]",
          "<!--history {\"loss\":[1,1,-->\n",
          "<!--history {\"loss\":7,\"evaluations\":[]}-->\n",
          "<!--history {\"loss\":[\"a\",null,{},3],\"evaluations\":[]}-->\n",
          "<!--history {\"evaluations\":[[1]]}-->\n",
          "\u0000<!--history -->\n"
        }) {
      Files.writeString(file(), page);
      try (TrainingReport report = TrainingReport.of(file(), resumed)) {
        report.onStep(step(16));
        report.onFailure(new IllegalStateException("killed"));
      }
      assertThat(points(html())).as(page).isEqualTo(1);
    }
    Files.write(file(), new byte[] {(byte) 0xff});
    TrainingReport.of(file(), resumed).close();
    assertThat(html()).contains("not yet begun");
  }

  /** Points of the first curve. */
  private static long points(String html) {
    return html.replaceAll("(?s).*?points=\"([^\"]*)\".*", "$1")
        .chars()
        .filter(c -> c == ',')
        .count();
  }

  @Test
  void without_samples_there_is_no_column_for_them() throws IOException {
    try (TrainingReport report = TrainingReport.of(file(), plan())) {
      report.onEvaluation(evaluation(10, false, ""));
    }
    assertThat(html()).contains("<th>accuracy").doesNotContain("what the model writes", "<pre>");
  }

  @Test
  void the_plan_is_told_in_words() throws IOException {
    TrainingPlan plan =
        plan().toBuilder()
            .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withDropout(0.1).withZLoss(1e-4))
            .validation(Validation.every(50).withPatience(3, 0.01).withSample("It is", 20))
            .fineTuning(
                FineTuning.of(Path.of("base"))
                    .withFrozen("*.wte.weight")
                    .withLora(FineTuning.Lora.ofRank(4)))
            .build();
    TrainingReport.of(file(), plan).close();
    assertThat(html())
        .contains("<td>maximum likelihood, z-loss 1.0E-4, dropout 0.1\n")
        .contains("<td>every 50 steps on 240 windows, stops after 3 without an improvement of more")
        .contains("writes 20 tokens after &quot;It is&quot;")
        .contains("<td>of base; frozen *.wte.weight; adapters of rank 4, alpha 8.0, on all linear")
        .doesNotContainPattern("\\w+\\[\\w+=");
    TrainingReport.of(file(), plan()).close();
    assertThat(html())
        .contains("<td>maximum likelihood\n", "<td>every 250 steps on 240 windows\n")
        .doesNotContainPattern("\\w+\\[\\w+=");
  }

  @Test
  void labels_stand_apart_and_inside_the_picture() {
    Pattern label = Pattern.compile("<text class=\"(\\w+)\" x=\"([0-9.]+)\" y=\"[0-9.]+\">(.*?)<");
    for (double[] range :
        new double[][] {
          {1, 10}, {1, 1500}, {1, 8_000}, {9_000, 1_000_000}, {1, 123_456_789}, {100_000, 100_001}
        }) {
      for (double y : new double[] {1e-6, 3e-5, 0.0007, 1, 12.34567, 43_210, 2.5e8}) {
        Curve.Point first = new Curve.Point(range[0], y);
        Curve.Point last = new Curve.Point(range[1], y * 1.002);
        String svg = new CurveChart("loss").line(List.of(first, last), "a").svg();
        List<String> left = new ArrayList<>();
        double end = 0;
        for (var found : label.matcher(svg).results().toList()) {
          double x = Double.parseDouble(found.group(2));
          double width = 6.1 * found.group(3).length(); // of digits of 11 pixels
          if (found.group(1).equals("left")) {
            assertThat(x - width).as(svg).isNotNegative();
            left.add(found.group(3));
          } else {
            assertThat(x - width / 2).as(svg).isGreaterThan(end);
            end = x + width / 2;
            assertThat(end).as(svg).isLessThanOrEqualTo(360);
          }
        }
        assertThat(left).as(svg).doesNotHaveDuplicates().hasSizeGreaterThan(1);
        assertThat(end).as(svg).isPositive();
      }
    }
  }

  @Test
  void a_file_that_cannot_be_written_is_told_at_once_or_at_the_end() throws IOException {
    Files.writeString(folder.resolve("a"), "");
    assertThatThrownBy(() -> TrainingReport.of(folder.resolve("a/report.html"), plan()))
        .isInstanceOf(IOException.class);
    TrainingReport report = TrainingReport.of(file(), plan());
    Files.delete(file());
    Files.createDirectories(file().resolve("in the way"));
    report.onEvaluation(evaluation(1, false, "")); // goes on
    assertThatThrownBy(report::close).isInstanceOf(IOException.class);
  }

  @Test
  void a_long_curve_stays_short_and_in_its_place() {
    Curve curve = new Curve();
    for (int i = 1; i <= 100_003; i++) {
      curve.add(i, 2.0 * i);
    }
    curve.add(100_004, Double.NaN);
    List<Curve.Point> points = curve.points();
    assertThat(points).hasSizeBetween(500, 1001);
    assertThat(points).allMatch(point -> Math.abs(point.y() - 2 * point.x()) < 1e-6);
    assertThat(points.get(0).x()).isLessThan(200);
    assertThat(points.get(points.size() - 1).x()).isBetween(99_800.0, 100_003.0);
    assertThat(curve.smooth()).hasSameSizeAs(points);
  }
}
