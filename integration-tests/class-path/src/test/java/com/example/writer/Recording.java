package com.example.writer;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Generates a text and writes each step's logits and token to a file; a program of its own, so that
 * it can run in any JVM. Prints what it ran on.
 */
public final class Recording {
  static final int TOKENS = 320;
  static final int PROMPT = 8;

  private Recording() {}

  /** Takes the model directory, the runtime's spec, the number of other requests, and the file. */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int others = Integer.parseInt(args[2]);
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(Path.of(args[3])));
        LanguageModel model = new Busy(LanguageModels.load(directory, args[1]), others, out)) {
      System.out.println(model.info().device());
      TextGenerator generator =
          TextGenerator.of(Tokenizers.load(directory), model)
              .withSampler("temperature=0.9,top-k=20")
              .withSeed(11)
              .withMaxNewTokens(TOKENS);
      String prompt = "It is a ";
      for (Token token : (Iterable<Token>) () -> generator.tokens(prompt)) {
        out.writeInt(token.id());
      }
    }
  }

  /** Joins each pass with the passes of other requests, and records the logits of the first. */
  private static final class Busy implements LanguageModel {
    private final LanguageModel model;
    private final DataOutputStream out;
    private final List<Session> others = new ArrayList<>();
    private final Random random = new Random(5);

    Busy(LanguageModel model, int others, DataOutputStream out) {
      this.model = model;
      this.out = out;
      for (int i = 0; i < others; i++) {
        this.others.add(model.open());
      }
    }

    @Override
    public void forward(List<Append> batch, Cancellation cancellation) {
      List<Append> all = new ArrayList<>();
      for (Session other : others) {
        if (other.remaining() < 8) {
          other.truncate(0);
        }
        // some before and some after, each of another length
        int[] tokens = random.ints(1 + random.nextInt(4), 0, info().vocabularySize()).toArray();
        all.add(Append.of(other, tokens, new float[1][info().vocabularySize()]));
      }
      all.addAll(all.size() / 2, batch);
      model.forward(all, cancellation);
      try {
        for (float logit : batch.get(0).logits()[0]) {
          out.writeFloat(logit);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public ModelInfo info() {
      return model.info();
    }

    @Override
    public Session open() {
      return model.open();
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
