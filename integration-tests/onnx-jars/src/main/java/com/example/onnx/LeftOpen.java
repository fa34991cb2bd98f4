package com.example.onnx;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;

/** Ends without closing anything. */
public final class LeftOpen {
  private LeftOpen() {}

  /** Takes the model directory and the runtime. */
  public static void main(String[] args) throws IOException {
    LanguageModel model = LanguageModels.load(Path.of(args[0]), args[1]);
    Session session = model.open();
    // more than one token: what watches over a long pass has started too
    Greedy.append(session, 1, 2, 3);
    Session fork = session.fork();
    Greedy.append(fork, 4);
    System.out.println("left open: " + session.length() + " and " + fork.length() + " tokens");
  }
}
