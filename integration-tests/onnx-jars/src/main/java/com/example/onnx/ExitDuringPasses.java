package com.example.onnx;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** Ends while one thread is in the middle of a long prompt, and another writes token by token. */
public final class ExitDuringPasses {
  private ExitDuringPasses() {}

  /** Takes the model directory and the runtime. */
  public static void main(String[] args) throws Exception {
    LanguageModel model = LanguageModels.load(Path.of(args[0]), args[1]);
    int context = model.info().contextLength();
    CountDownLatch passes = new CountDownLatch(2);
    int[] prompt = new int[context];
    Arrays.fill(prompt, 1);
    new Thread(() -> again(model, prompt, passes), "prompt").start();
    new Thread(() -> again(model, new int[1], passes), "tokens").start();
    passes.await();
    // each thread spends nearly all of its time within a pass
    Thread.sleep(20);
    System.out.println("exit");
    System.exit(0);
  }

  private static void again(LanguageModel model, int[] tokens, CountDownLatch passes) {
    try (Session session = model.open()) {
      while (true) {
        if (session.remaining() < tokens.length) {
          session.truncate(0);
        }
        Greedy.append(session, tokens);
        passes.countDown();
      }
    } catch (IllegalStateException e) {
      // ONNX Runtime stops working before the JVM has ended
      System.out.println(Thread.currentThread().getName() + ": " + e.getMessage());
    }
  }
}
