package io.fundamentallm.concepts;

import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenScore;
import java.util.List;

/** The surprisal of each character of a sentence, and of the same with a word that does not fit. */
final class SurprisalFigure {
  private static final String BEGIN = "Elizabeth was delighted to see her ";
  private static final String RIGHT = "sister";
  private static final String WRONG = "system";

  private static final int LEFT = 44;
  private static final int CELL = 14;
  private static final int HEIGHT = 90;
  private static final int MAX = 12; // bits

  private SurprisalFigure() {}

  static Figure draw(Experiment experiment) {
    TextScorer scorer = TextScorer.of(experiment.tokenizer(), experiment.model());
    int letters = BEGIN.length() + RIGHT.length();
    Svg svg = new Svg(LEFT + CELL * letters + 20, 2 * (HEIGHT + 50) + 40, "Surprisal by character");
    svg.text(
        "head",
        10,
        20,
        "Surprisal of each character (bars) and entropy before it (lines), in bits");
    strip(svg, BEGIN + RIGHT, scorer.score(BEGIN + RIGHT), 46);
    strip(svg, BEGIN + WRONG, scorer.score(BEGIN + WRONG), 46 + HEIGHT + 50);
    TextScore right = scorer.score(BEGIN + RIGHT);
    TextScore wrong = scorer.score(BEGIN + WRONG);
    return new Figure(
        "surprisal",
        svg.toString(),
        Figure.say(
            "\"%s\" has a surprisal of %.1f bits there and \"%s\" one of %.1f; the whole sentence has"
                + " a perplexity of %.2f with the one and %.2f with the other, which is %.2f and %.2f"
                + " bits a character.",
            RIGHT,
            bits(right),
            WRONG,
            bits(wrong),
            right.perplexity(),
            wrong.perplexity(),
            right.bitsPerCharacter(),
            wrong.bitsPerCharacter()));
  }

  /** The bits of the last word. */
  private static double bits(TextScore score) {
    List<TokenScore> tokens = score.tokens();
    return tokens.subList(tokens.size() - RIGHT.length(), tokens.size()).stream()
        .mapToDouble(TokenScore::surprisal)
        .sum();
  }

  /** The first character is predicted from the token that begins a text. */
  private static void strip(Svg svg, String text, TextScore score, double top) {
    Axes axes =
        new Axes(
            LEFT,
            top,
            CELL * text.length(),
            HEIGHT,
            new Axes.Range(0, text.length()),
            new Axes.Range(0, MAX));
    for (int bits = 0; bits <= MAX; bits += 4) {
      double[] start = axes.point(0, bits);
      svg.line("rule", start, axes.point(text.length(), bits));
      svg.text("small end", LEFT - 6, start[1] + 4, Integer.toString(bits));
    }
    for (int i = 0; i < text.length(); i++) {
      String letter = text.charAt(i) == ' ' ? "␣" : text.substring(i, i + 1);
      svg.text("mono mid", LEFT + CELL * (i + 0.5), top + HEIGHT + 16, letter);
      TokenScore token = score.tokens().get(i);
      double[] head = axes.point(i, Math.min(MAX, token.surprisal()));
      String look = i < BEGIN.length() ? "a" : "b";
      svg.rect(look, head[0] + 2, head[1], CELL - 4, top + HEIGHT - head[1]);
      double[] entropy = axes.point(i, token.entropy());
      svg.line("outline", entropy, new double[] {entropy[0] + CELL, entropy[1]});
    }
  }
}
