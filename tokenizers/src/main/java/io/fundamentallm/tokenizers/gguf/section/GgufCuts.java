package io.fundamentallm.tokenizers.gguf.section;

import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.split.PreTokenizedText;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.split.Regex;
import io.fundamentallm.tokenizers.split.RegexSplit;
import io.fundamentallm.tokenizers.split.Scanners;
import io.fundamentallm.tokenizers.split.SequenceSplit;
import io.fundamentallm.tokenizers.split.SplitBehavior;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds llama.cpp's name for what cuts a text before a byte-level model. llama.cpp's converter
 * compares the tokens of a sample text; this compares the pieces, which do not depend on the
 * vocabulary.
 */
public final class GgufCuts {
  /** Has what the published patterns treat differently. */
  private static final String SAMPLE =
      "\n \n\n \n\n\n \t \t\t \t\n  \n   \n    \n     \n"
          + "\uD83D\uDE80 (normal) \uD83D\uDE36\u200D\uD83C\uDF2B\uFE0F (emojis) \u2705 "
          + "3 33 333 3333 33333 333333 3333333 33333333 3.3 3..3 3...3 "
          + "\u0663\u0664\u0665\u0666 \u4F60\u597D\u4E16\u754C123\u4E2D "
          + "Hello, y'all! I'VE you'll don'T we'd, can't it's '''''' `````` \"\"\" ...... !!?? "
          + "\u041F\u0440\u0438\u0432\u0435\u0442 \u00C9t\u00E9 e\u0301te\u0301 stra\u00DFe "
          + "\u1780\u17B6\u0E2A\u0E27\u0E31\u0E2A\u0E14\u0E35 \u3042\u30A2\uAC00\uAC01 "
          + "camelCase HTTPServer XMLhttp a_b-c/d\\e <tag> x=1+2; #!$%^&*()[]{}|~@ "
          + "\r\n\r\nend  of   line \u00A0\u3000 \u2028 trailing   ";

  private GgufCuts() {}

  /** What cuts a text by patterns, each applied to the matches and the gaps of the one before. */
  public static PreTokenizer preTokenizer(List<String> patterns) {
    return Scanners.of(patterns.toArray(new String[0]))
        .orElseGet(() -> new SequenceSplit(patterns.stream().map(GgufCuts::split).toList()));
  }

  private static PreTokenizer split(String pattern) {
    return Scanners.of(pattern)
        .orElseGet(() -> new RegexSplit(Regex.compile(pattern), SplitBehavior.ISOLATED, false));
  }

  /**
   * The name.
   *
   * @param nfc whether the text is normalized first; llama.cpp leaves that out anyway, so that a
   *     name without it will do
   * @param wholeWords whether a piece that is a token stays one, whatever the merges are
   * @throws UnsupportedOperationException when there is none
   */
  public static String name(PreTokenizer cutter, boolean nfc, boolean wholeWords) {
    int[] pieces = pieces(cutter);
    String second = null;
    for (String name : GgufPatterns.names()) {
      GgufPatterns patterns = GgufPatterns.of(name);
      if (patterns != null
          && patterns.wholeWords() == wholeWords
          && (nfc || !patterns.nfc())
          && Arrays.equals(pieces, pieces(preTokenizer(patterns.patterns())))) {
        if (patterns.nfc() == nfc) {
          return name;
        }
        second = second == null ? name : second;
      }
    }
    if (second == null) {
      throw new UnsupportedOperationException(
          "a GGUF file only names what cuts a text into words, and no name that llama.cpp knows"
              + " stands for what this tokenizer does");
    }
    return second;
  }

  private static int[] pieces(PreTokenizer cutter) {
    PreTokenizedText text = new PreTokenizedText();
    text.text().add(SAMPLE, 0, SAMPLE.length(), 0);
    text.begin(true);
    cutter.split(text);
    byte[] sample = SAMPLE.getBytes(StandardCharsets.UTF_8);
    boolean same = Arrays.equals(sample, Arrays.copyOf(text.text().bytes(), text.text().length()));
    Pieces pieces = text.pieces();
    int[] borders = new int[2 * pieces.count() + 1];
    for (int i = 0; i < pieces.count(); i++) {
      borders[2 * i] = pieces.start(i);
      borders[2 * i + 1] = pieces.end(i);
    }
    borders[borders.length - 1] = same ? 0 : -1; // GGUF's change nothing
    return borders;
  }
}
