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
import java.util.List;
import java.util.Set;

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
    Path file = directory.resolve("bigrams.txt");
    List<String> lines = Files.readAllLines(file);
    float[][] logits = new float[lines.size()][]; // [token before][token], a line for each
    for (int i = 0; i < logits.length; i++) {
      String line = lines.get(i).strip();
      String[] counts = line.split(" +", -1);
      if (counts.length != logits.length || !line.matches("[0-9 ]+")) {
        throw new IOException(
            file + ", line " + (i + 1) + ": expected " + logits.length + " counts, spaces between");
      }
      logits[i] = new float[counts.length];
      for (int j = 0; j < counts.length; j++) {
        logits[i][j] =
            (float) Math.log(Double.parseDouble(counts[j]) + 1); // Laplace: nothing is impossible
      }
    }
    ModelInfo.Builder info =
        ModelInfo.builder("bigrams", logits.length, context)
            .device("memory")
            .endTokens(Set.of(0)); // it ends a text; the byte 0 in "words"
    return StatelessModel.of(
        info,
        (tokens, length, row) ->
            System.arraycopy(logits[tokens[length - 1]], 0, row, 0, row.length));
  }
}
