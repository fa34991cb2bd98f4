package io.fundamentallm.training;

import io.fundamentallm.internal.report.Curve;
import io.fundamentallm.internal.report.CurveChart;
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
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--ink:#222;--faint:#666;--paper:#fff;--card:#f5f5f3;--grid:#ddd;
      --a:#1768ac;--b:#c2410c}
      @media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--faint:#a0a0a0;--paper:#161616;
      --card:#222;--grid:#3a3a3a;--a:#6cb4ee;--b:#fb923c}}
      *{box-sizing:border-box}
      body{margin:0 auto;padding:1rem;max-width:70rem;background:var(--paper);color:var(--ink);
      font:16px/1.45 system-ui,sans-serif}
      h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1rem;margin:0 0 .4rem}
      p{margin:.3rem 0}.faint{color:var(--faint)}
      .grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
      section{background:var(--card);border-radius:.5rem;padding:.8rem;margin:1rem 0;overflow-x:auto}
      .grid section{margin:0}
      svg{width:100%;height:auto;display:block}
      svg text{fill:var(--faint);font-size:11px}
      .left{text-anchor:end}.below{text-anchor:middle}
      path.grid{stroke:var(--grid)}path.axis{stroke:var(--faint);fill:none}
      polyline{fill:none;stroke-width:1.6;stroke-linejoin:round}
      .a{stroke:var(--a)}.b{stroke:var(--b)}polyline.raw{stroke:var(--a);stroke-opacity:.3;stroke-width:1}
      circle.b{fill:var(--b)}.key{font-weight:600}.key.a{color:var(--a)}.key.b{color:var(--b)}
      table{border-collapse:collapse;width:100%}
      th,td{text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top;
      border-bottom:1px solid var(--grid)}
      td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
      pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
      """;

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
    html.append("<title>Training</title>\n<style>\n").append(STYLE).append("</style>\n</head>\n");
    html.append("<body>\n<h1>Training of ").append(escape(plan.modelDirectory().toString()));
    html.append("</h1>\n<p>").append(escape(state())).append("</p>\n");
    html.append("<div class=\"grid\">\n");
    Curve validation = new Curve();
    evaluations.forEach(one -> validation.add(one.step(), one.loss()));
    chart(
        html,
        "Loss, in nats per token",
        "<span class=\"key a\">training</span>, <span class=\"key b\">validation</span>",
        new CurveChart("loss")
            .line(loss.points(), "raw")
            .line(loss.smooth(), "a")
            .dots(validation.points(), "b"));
    chart(html, "Learning rate", new CurveChart("rate").line(learningRate.points(), "a"));
    chart(html, "Gradient norm", new CurveChart("norm").line(gradientNorm.points(), "a"));
    chart(html, "Tokens per second", new CurveChart("speed").line(speed.points(), "a"));
    html.append("</div>\n");
    evaluations(html);
    table(html, "Plan", PlanRows.of(plan, memory, checkpoint));
    html.append(history().comment());
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

  private static void chart(StringBuilder html, String title, CurveChart chart) {
    chart(html, title, "", chart);
  }

  private static void chart(StringBuilder html, String title, String key, CurveChart chart) {
    String svg = chart.svg();
    html.append("<section>\n<h2>").append(title).append("</h2>\n");
    html.append(svg.isEmpty() ? "<p class=\"faint\">nothing yet</p>\n" : svg);
    html.append(key.isEmpty() ? "" : "<p>" + key + "</p>\n").append("</section>\n");
  }

  private void evaluations(StringBuilder html) {
    if (evaluations.isEmpty()) {
      return;
    }
    html.append("<section>\n<h2>Evaluations</h2>\n<table>\n<tr><th>step<th>loss<th>perplexity");
    html.append("<th>bits per byte<th>accuracy");
    boolean samples = evaluations.stream().anyMatch(one -> !one.sample().isEmpty());
    html.append(samples ? "<th>what the model writes\n" : "\n");
    for (TrainingListener.Evaluation evaluation : evaluations) {
      html.append("<tr><td class=\"n\">").append(count(evaluation.step()));
      html.append(evaluation.whole() ? " (all tokens)" : "");
      for (double value :
          new double[] {
            evaluation.loss(),
            evaluation.perplexity(),
            evaluation.bitsPerByte(),
            evaluation.accuracy()
          }) {
        html.append("<td class=\"n\">").append(number(value));
      }
      if (samples) {
        html.append("<td><pre>").append(escape(evaluation.sample())).append("</pre>");
      }
      html.append('\n');
    }
    html.append("</table>\n</section>\n");
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
