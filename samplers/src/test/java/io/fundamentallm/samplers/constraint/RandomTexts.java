package io.fundamentallm.samplers.constraint;

import io.fundamentallm.decoding.TokenConstraint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;

/** Texts of tokens that are drawn from all that a constraint allows. */
final class RandomTexts {
  private RandomTexts() {}

  /** A whole text, which ends with a chance of one in four wherever it may. */
  static String text(TokenConstraint constraint, Pieces pieces, Random random) {
    TokenConstraint writer = constraint.fork();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    while (true) {
      long[] mask = writer.mask();
      int[] others =
          IntStream.range(0, pieces.end()).filter(token -> Bound.allows(mask, token)).toArray();
      boolean mayEnd = Bound.allows(mask, pieces.end());
      if (others.length == 0 || (mayEnd && random.nextInt(4) == 0)) {
        return text.toString(StandardCharsets.UTF_8);
      }
      int token = others[random.nextInt(others.length)];
      writer.accept(token);
      text.writeBytes(pieces.bytes(token));
    }
  }
}
