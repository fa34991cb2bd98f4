package com.example.onnx;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;

/** Loads a model, says where it runs and which token it puts first; or why it cannot be loaded. */
public final class OneToken {
  private OneToken() {}

  /** Takes the model directory and the runtime. */
  public static void main(String[] args) throws IOException {
    long begin = System.nanoTime();
    try (LanguageModel model = LanguageModels.load(Path.of(args[0]), args[1]);
        Session session = model.open()) {
      System.out.println("loaded after " + milliseconds(begin) + " ms");
      System.out.println("device: " + model.info().device());
      System.out.println("token: " + Greedy.append(session, 1));
    } catch (ProviderException e) {
      System.out.println("failed after " + milliseconds(begin) + " ms");
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static long milliseconds(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
