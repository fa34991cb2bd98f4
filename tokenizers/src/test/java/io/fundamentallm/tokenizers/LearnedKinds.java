package io.fundamentallm.tokenizers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.Registry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the tests of the kinds share that learn a vocabulary. */
final class LearnedKinds {
  static final Registry REGISTRY =
      Registry.of()
          .with(
              new AutoProvider(),
              new BpeProvider(),
              new UnigramProvider(),
              new WordPieceProvider(),
              new HuggingFaceProvider());

  /** Some words that come again, and every character of the contract's texts. */
  static final List<String> TEXTS =
      List.of(
          "low lower lowest new newer newest wide wider widest\n".repeat(5),
          """
          It is a truth universally acknowledged, that a single man in possession of a good
          fortune, must be in want of a wife.
          """,
          "abcdefghijklmnopqrstuvwxyz <|>[]/_ ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789");

  private LearnedKinds() {}

  /** A text that is not part of the project; without it the test does not run, and says so. */
  static String tinyShakespeare() throws IOException {
    String shared = System.getProperty("fundamentallm.shared");
    assumeTrue(
        shared != null, "the corpus is not at hand: set -Dfundamentallm.shared to its folder");
    return Files.readString(
        Path.of(shared, "corpora", "tinyshakespeare.txt"), StandardCharsets.UTF_8);
  }
}
