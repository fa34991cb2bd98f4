package com.example.onnx;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * One of several applications in one JVM, as in an application server. Those outside its class
 * loader know it by interfaces of the JDK alone.
 */
public final class Tenant implements Callable<List<Integer>>, AutoCloseable {
  private static final int TOKENS = 100;

  private final LanguageModel model;

  /** Loads the model. */
  public Tenant(Path directory, String runtime) throws IOException {
    model = LanguageModels.load(directory, runtime);
  }

  /** A short text's tokens. */
  @Override
  public List<Integer> call() {
    List<Integer> tokens = new ArrayList<>();
    try (Session session = model.open()) {
      int token = 1;
      for (int i = 0; i < TOKENS; i++) {
        token = Greedy.append(session, token);
        tokens.add(token);
      }
    }
    return tokens;
  }

  @Override
  public void close() {
    model.close();
  }
}
