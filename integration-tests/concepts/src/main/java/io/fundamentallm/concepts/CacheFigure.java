package io.fundamentallm.concepts;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import java.util.List;

/** How many positions a model computes while a text grows, with its cache and without. Counted. */
final class CacheFigure {
  private static final String PROMPT = "It is a truth universally acknowl";
  private static final String NEXT = "It is a truth universally despise";
  private static final int NEW_TOKENS = 28;

  /** Too small for any prompt. */
  private static final PrefixCache NO_PREFIXES = PrefixCache.of(1);

  private static final int WIDTH = 560;
  private static final int HEIGHT = 300;

  private final Experiment experiment;
  private final int[] prompt;

  private CacheFigure(Experiment experiment) {
    this.experiment = experiment;
    this.prompt = experiment.tokenizer().encode(PROMPT);
  }

  static Figure draw(Experiment experiment) {
    return new CacheFigure(experiment).figure();
  }

  private Figure figure() {
    double[] without = new double[NEW_TOKENS];
    double[] with = new double[NEW_TOKENS];
    int[] again = withoutCache(without);
    int[] once = withCache(with, PROMPT, new CountingModel(experiment.model()), NO_PREFIXES);
    if (!Arrays.equals(again, once)) {
      throw new IllegalStateException("the cache changed the text");
    }
    double max = without[NEW_TOKENS - 1];
    Axes axes =
        new Axes(
            52,
            52,
            WIDTH - 72,
            HEIGHT - 100,
            new Axes.Range(1, NEW_TOKENS),
            new Axes.Range(0, 200 * Math.ceil(max / 200)));
    Svg svg = new Svg(WIDTH, HEIGHT, "Positions computed with and without a key/value cache");
    svg.text("head", 10, 20, "Positions computed while " + NEW_TOKENS + " characters are written");
    axes.draw(svg, 4, 200, "generated characters", "positions");
    svg.line("lb", axes.curve(1, without));
    svg.line("la", axes.curve(1, with));
    svg.text("end", axes.point(18, 0)[0], axes.point(0, without[18])[1], "everything again");
    svg.text("end", axes.point(NEW_TOKENS, 0)[0], axes.point(0, 130)[1], "each position once");
    return new Figure("cache", svg.toString(), caption(without, with));
  }

  private String caption(double[] without, double[] with) {
    CountingModel prefixed = new CountingModel(experiment.model());
    double[] first = new double[NEW_TOKENS];
    double[] second = new double[NEW_TOKENS];
    try (PrefixCache prefixes = PrefixCache.of(1 << 24)) {
      withCache(first, PROMPT, prefixed, prefixes);
      withCache(second, NEXT, prefixed, prefixes);
    }
    CountingModel beams = new CountingModel(experiment.model());
    generation("beam(width=4)", beams, NO_PREFIXES, PROMPT).text();
    return Figure.say(
        "After a prompt of %d characters, %d more take %.0f computed positions without a cache and"
            + " %.0f with it, for the same text. A second prompt that shares its first %d characters"
            + " takes %.0f with a `PrefixCache`. Four beams of the same length take %d: each reads"
            + " its own tokens, none reads the prompt again.",
        prompt.length,
        NEW_TOKENS,
        without[NEW_TOKENS - 1],
        with[NEW_TOKENS - 1],
        common(),
        second[NEW_TOKENS - 1] - first[NEW_TOKENS - 1],
        beams.positions());
  }

  private static int common() {
    int common = 0;
    while (PROMPT.charAt(common) == NEXT.charAt(common)) {
      common++;
    }
    return common;
  }

  /** Greedily, in a new session for each token. */
  private int[] withoutCache(double[] positions) {
    CountingModel counting = new CountingModel(experiment.model());
    int[] text = prompt;
    for (int i = 0; i < NEW_TOKENS; i++) {
      float[] row = new float[counting.info().vocabularySize()];
      try (Session session = counting.open()) {
        counting.forward(List.of(Append.of(session, text, row)), Cancellation.none());
      }
      text = Arrays.copyOf(text, text.length + 1);
      Logits logits = Logits.of(row);
      text[text.length - 1] = logits.token(logits.maximumIndex());
      positions[i] = counting.positions();
    }
    return Arrays.copyOfRange(text, prompt.length, text.length);
  }

  /** Greedily, as the library does. */
  private int[] withCache(
      double[] positions, String text, CountingModel counting, PrefixCache prefixes) {
    int[] tokens = new int[NEW_TOKENS];
    try (Generation generation = generation("sampling", counting, prefixes, text)) {
      for (int i = 0; i < NEW_TOKENS; i++) {
        tokens[i] = generation.next().id();
        positions[i] = counting.positions();
      }
    }
    return tokens;
  }

  private Generation generation(
      String decoder, CountingModel counting, PrefixCache prefixes, String text) {
    DecodingOptions options =
        DecodingOptions.builder()
            .sampler(Samplers.greedy())
            .maxNewTokens(NEW_TOKENS)
            .prefixCache(prefixes)
            .build();
    return Decoders.parse(decoder).decode(counting, experiment.tokenizer().encode(text), options);
  }
}
