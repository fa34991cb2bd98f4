package io.fundamentallm.training;

import io.fundamentallm.internal.report.Curve;
import io.fundamentallm.internal.report.CurveChart;
import io.fundamentallm.internal.report.ReportScript;
import io.fundamentallm.internal.report.ReportStyle;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known about a training run so far, and the page that shows it. */
final class ReportPage {
  private final ReportHistory earlier;
  private Curve loss = new Curve();
  private Curve learningRate = new Curve();
  private Curve gradientNorm = new Curve();
  private Curve speed = new Curve();
  private final List<TrainingListener.Evaluation> evaluations = new ArrayList<>();
  private TrainingListener.@Nullable Progress progress;
  private boolean started;

  /** The plan; as it was given, until the trainer has chosen what it left open. */
  TrainingPlan plan;

  @Nullable TrainingMemory memory;
  @Nullable Path checkpoint;

  /** How the training ended; empty while it runs. */
  String end = "";

  /**
   * A page before the first step.
   *
   * @param earlier what the run did before it was stopped, if it is resumed
   */
  ReportPage(TrainingPlan plan, ReportHistory earlier) {
    this.plan = plan;
    this.earlier = earlier;
    restoreHistory(Integer.MAX_VALUE);
  }

  /** Shows what came before a step; what the stop discarded is computed again. */
  private void restoreHistory(int step) {
    loss = earlier.curve("loss", step);
    learningRate = earlier.curve("rate", step);
    gradientNorm = earlier.curve("norm", step);
    speed = earlier.curve("speed", step);
    evaluations.clear();
    evaluations.addAll(earlier.evaluations(step));
  }

  private ReportHistory history() {
    Map<String, Curve> curves = new LinkedHashMap<>(); // so that equal runs give equal pages
    curves.put("loss", loss);
    curves.put("rate", learningRate);
    curves.put("norm", gradientNorm);
    curves.put("speed", speed);
    return new ReportHistory(curves, evaluations);
  }

  private void begin(int step) {
    if (!started) {
      started = true;
      restoreHistory(step);
    }
  }

  void add(TrainingListener.Progress step) {
    begin(step.step());
    progress = step;
    loss.add(step.step(), step.loss());
    learningRate.add(step.step(), step.learningRate());
    gradientNorm.add(step.step(), step.gradientNorm());
    speed.add(step.step(), step.tokensPerSecond());
  }

  void add(TrainingListener.Evaluation evaluation) {
    begin(evaluation.step());
    evaluations.add(evaluation);
  }

  String html() {
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    if (end.isEmpty()) {
      html.append("<meta http-equiv=\"refresh\" content=\"10\">\n");
    }
    html.append("<title>Training</title>\n<style>\n")
        .append(ReportStyle.CSS)
        .append("</style>\n</head>\n");
    html.append("<body>\n<h1>Training of ").append(escape(plan.modelDirectory().toString()));
    html.append("</h1>\n<p>").append(escape(state())).append("</p>\n");
    loss(html);
    html.append("<div class=\"grid\">\n");
    chart(html, "Learning rate", new CurveChart("rate").line(learningRate.points(), "a"));
    chart(html, "Gradient norm", new CurveChart("norm").line(gradientNorm.points(), "a"));
    chart(html, "Tokens per second", new CurveChart("speed").line(speed.points(), "a"));
    html.append("</div>\n");
    evaluations(html);
    table(html, "Plan", PlanRows.of(plan, memory, checkpoint));
    html.append(history().comment());
    html.append("<script>\n").append(ReportScript.JAVASCRIPT).append("</script>\n");
    return html.append("</body>\n</html>\n").toString();
  }

  private String state() {
    TrainingListener.Progress now = progress;
    if (!end.isEmpty() || now == null) {
      return end.isEmpty() ? "not yet begun" : end;
    }
    return "step %s of %s, loss %s, %s tokens/s; %s so far, about %s left"
        .formatted(
            count(now.step()),
            count(now.steps()),
            number(now.loss()),
            count((long) now.tokensPerSecond()),
            clock(now.elapsed()),
            clock(now.remaining()));
  }

  /** The picture is replaced by a larger one where scripts run. */
  private void loss(StringBuilder html) {
    Curve validation = new Curve();
    evaluations.forEach(one -> validation.add(one.step(), one.loss()));
    html.append("<section class=\"loss").append(hasSamples() ? " samples" : "").append("\">\n");
    html.append("<h2>Loss, ").append(plan.objective().pairs() ? "per pair" : "in nats per token");
    html.append("</h2>\n<div>\n");
    html.append("<div id=\"loss\" tabindex=\"0\" aria-describedby=\"at\">\n");
    picture(
        html,
        new CurveChart("loss")
            .line(loss.points(), "raw")
            .line(loss.smooth(), "a")
            .dots(validation.points(), "b"));
    html.append("</div>\n<p id=\"at\" class=\"faint\"></p>\n<div class=\"controls\">");
    html.append("<span><span class=\"key a\">training</span>, ");
    html.append("<span class=\"key b\">validation</span></span>\n");
    html.append("<label id=\"controls\" hidden>smoothing <input id=\"smoothing\" type=\"range\"");
    html.append(" min=\"0\" max=\"0.99\" step=\"0.01\" value=\"0.9\"></label></div>\n</div>\n");
    if (hasSamples()) {
      html.append("<div id=\"sample\"><h3></h3><pre></pre></div>\n");
    }
    html.append("</section>\n");
  }

  private boolean hasSamples() {
    return evaluations.stream().anyMatch(one -> !one.sample().isEmpty());
  }

  private static void chart(StringBuilder html, String title, CurveChart chart) {
    html.append("<section>\n<h2>").append(title).append("</h2>\n");
    picture(html, chart);
    html.append("</section>\n");
  }

  private static void picture(StringBuilder html, CurveChart chart) {
    String svg = chart.svg();
    html.append(svg.isEmpty() ? "<p class=\"faint\">nothing yet</p>\n" : svg);
  }

  private void evaluations(StringBuilder html) {
    if (evaluations.isEmpty()) {
      return;
    }
    boolean pairs = plan.objective().pairs();
    html.append("<section>\n<h2>Evaluations</h2>\n<table class=\"evaluations\">\n<tr><th>step");
    html.append("<th>loss");
    html.append(
        pairs
            ? "<th>reward accuracy<th>reward margin"
            : "<th>perplexity<th>bits per byte<th>accuracy");
    html.append(hasSamples() ? "<th>what the model writes\n" : "\n");
    for (TrainingListener.Evaluation evaluation : evaluations) {
      html.append("<tr>");
      cell(html, "step", count(evaluation.step()) + (evaluation.whole() ? " (all tokens)" : ""));
      cell(html, "loss", number(evaluation.loss()));
      if (pairs) {
        cell(html, "reward accuracy", number(evaluation.accuracy()));
        cell(html, "reward margin", number(evaluation.margin()));
      } else {
        cell(html, "perplexity", number(evaluation.perplexity()));
        cell(html, "bits per byte", number(evaluation.bitsPerByte()));
        cell(html, "accuracy", number(evaluation.accuracy()));
      }
      if (hasSamples()) {
        html.append("<td class=\"text\"><pre>").append(escape(evaluation.sample()));
        html.append("</pre>");
      }
      html.append('\n');
    }
    html.append("</table>\n</section>\n");
  }

  /** Narrow screens show the name beside the value. */
  private static void cell(StringBuilder html, String name, String value) {
    html.append("<td class=\"n\" data-name=\"").append(name).append("\">").append(value);
  }

  private static void table(StringBuilder html, String title, Map<String, String> values) {
    html.append("<section>\n<h2>").append(title).append("</h2>\n<table>\n");
    values.forEach(
        (name, value) ->
            html.append("<tr><th>").append(name).append("<td>").append(escape(value)).append('\n'));
    html.append("</table>\n</section>\n");
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String steps(long number) {
    return count(number) + (number == 1 ? " step" : " steps");
  }

  /** All digits and no exponent, as people write learning rates. */
  static String rate(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.4g", value);
  }

  static String clock(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }

  /** Text that a model wrote can be anything. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '&' -> escaped.append("&amp;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default ->
            escaped.append(Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c);
      }
    }
    return escaped.toString();
  }
}
