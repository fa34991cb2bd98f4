package io.fundamentallm.concepts;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.StageTrace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** One distribution of the next token, and what the stages of samplers make of it. */
final class SamplingFigure {
  private static final String PROMPT = "Elizabeth was ";
  private static final List<String> STAGES =
      List.of(
          "temperature=0.5", "temperature=1.5", "top-k=5", "top-p=0.8", "min-p=0.2", "typical=0.5");
  private static final int SHOWN = 14;

  private static final int BAR = 14;
  private static final int HEIGHT = 110;
  private static final int COLUMN = 232;
  private static final int ROW = HEIGHT + 74;

  private final Experiment experiment;
  private final List<StageTrace> traces = new ArrayList<>();
  private double highest;

  private SamplingFigure(Experiment experiment) {
    this.experiment = experiment;
    TextGenerator generator =
        TextGenerator.of(experiment.tokenizer(), experiment.model())
            .withMaxNewTokens(1)
            .withSeed(1);
    for (String stage : STAGES) {
      generator
          .withSampler(stage)
          .with(options -> options.trace((position, token, stages) -> traces.addAll(stages)))
          .generate(PROMPT);
    }
    for (StageTrace trace : traces) {
      highest = Math.max(highest, best(trace.after()));
    }
  }

  static Figure draw(Experiment experiment) {
    return new SamplingFigure(experiment).figure();
  }

  private Figure figure() {
    Distribution own = traces.get(0).before();
    int[] best =
        IntStream.range(0, own.size())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -own.probabilityAt(i)))
            .limit(SHOWN)
            .mapToInt(own::token)
            .toArray();
    Svg svg = new Svg(3 * COLUMN + 14, 44 + 2 * ROW, "One distribution under six stages");
    svg.text(
        "head",
        10,
        20,
        "What comes after \"" + PROMPT + "\": the " + SHOWN + " likeliest of " + own.size());
    svg.rect("outline", 426.5, 11.5, 10, 10);
    svg.text("", 442, 21, "as the model has it");
    svg.rect("a", 580, 11, 11, 11);
    svg.text("", 597, 21, "after the stage");
    for (int i = 0; i < traces.size(); i++) {
      panel(svg, best, traces.get(i), 14 + i % 3 * COLUMN, 62 + i / 3 * ROW);
    }
    return new Figure("sampling", svg.toString(), caption(own, best[0]));
  }

  private void panel(Svg svg, int[] best, StageTrace trace, double x, double y) {
    int index = traces.indexOf(trace);
    svg.text("mono", x, y - 1, STAGES.get(index));
    svg.text(
        "small", x, y + 14, Figure.say("%d left, which had %.2f", left(trace), trace.massLeft()));
    double floor = y + 16 + HEIGHT;
    double scale = (HEIGHT - 20) / highest;
    for (int i = 0; i < best.length; i++) {
      double at = x + BAR * i;
      double before = scale * trace.before().probability(best[i]);
      double after = scale * trace.after().probability(best[i]);
      svg.rect("a", at, floor - after, BAR - 3, after);
      svg.rect("outline", at + 0.5, floor - before + 0.5, BAR - 4, before);
      String text = experiment.tokenizer().decode(best[i]);
      svg.text("mono mid small", at + BAR / 2.0 - 1, floor + 14, text.isBlank() ? "␣" : text);
    }
    svg.line("rule", new double[] {x, floor + 0.5}, new double[] {x + BAR * SHOWN, floor + 0.5});
  }

  private static long left(StageTrace trace) {
    Distribution after = trace.after();
    return IntStream.range(0, after.size()).filter(i -> after.probabilityAt(i) > 0).count();
  }

  private String caption(Distribution own, int likeliest) {
    return Figure.say(
        "The likeliest of %d tokens has a probability of %.2f, which a temperature of 0.5 makes"
            + " %.2f and one of 1.5 %.2f. Top-k 5 keeps %.0f %% of the probability, top-p 0.8 %d"
            + " characters, min-p 0.2 %d; typical 0.5 keeps %d, %s the likeliest.",
        own.size(),
        best(own),
        best(traces.get(0).after()),
        best(traces.get(1).after()),
        100 * traces.get(2).massLeft(),
        left(traces.get(3)),
        left(traces.get(4)),
        left(traces.get(5)),
        traces.get(5).after().probability(likeliest) > 0 ? "among them" : "but not");
  }

  private static double best(Distribution distribution) {
    return IntStream.range(0, distribution.size())
        .mapToDouble(distribution::probabilityAt)
        .max()
        .orElseThrow();
  }
}
