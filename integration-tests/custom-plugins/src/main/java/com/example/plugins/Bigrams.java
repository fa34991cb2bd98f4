package com.example.plugins;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.StatelessModel;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The runtime {@code bigrams}: how often each token followed each other one, in bigrams.txt. */
public final class Bigrams implements LanguageModelProvider {
  @Override
  public String name() {
    return "bigrams";
  }

  @Override
  public Support supports(Path directory) { // throws nothing; the reason is shown where none can
    boolean there = Files.isRegularFile(directory.resolve("bigrams.txt"));
    return there ? Support.yes("there is a bigrams.txt") : Support.no("there is no bigrams.txt");
  }

  @Override
  public LanguageModel load(Path directory, Options options) throws IOException {
    int context = options.integer("context", 1024, 1, 1 << 20); // bigrams(context=64)
    List<String> lines = Files.readAllLines(directory.resolve("bigrams.txt"));
    float[][] logits = new float[lines.size()][]; // [token before][token], a line for each
    for (int i = 0; i < logits.length; i++) {
      int[] counts = counts(lines.get(i));
      if (counts.length != logits.length) {
        throw new IOException(
            "%s, line %d: expected %d counts, one for each line of the file, separated by spaces"
                .formatted(directory.resolve("bigrams.txt"), i + 1, logits.length));
      }
      logits[i] = new float[counts.length];
      for (int j = 0; j < counts.length; j++) {
        logits[i][j] = (float) Math.log(counts[j] + 1.0); // Laplace: nothing is impossible
      }
    }
    ModelInfo.Builder info = ModelInfo.builder("bigrams", logits.length, context).device("memory");
    return StatelessModel.of(
        info,
        (tokens, length, row) ->
            System.arraycopy(logits[tokens[length - 1]], 0, row, 0, row.length));
  }

  /** Those of a line, without negative ones; none where anything else stands in it. */
  private static int[] counts(String line) {
    try {
      return Arrays.stream(line.split(" "))
          .mapToInt(Integer::parseInt)
          .filter(n -> n >= 0)
          .toArray();
    } catch (NumberFormatException e) {
      return new int[0];
    }
  }
}
