package com.example.onnx;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Closes a model on which other threads run passes; one of these takes until it is allowed on. */
public final class CloseDuringPasses {
  private static final int THREADS = 4;

  private CloseDuringPasses() {}

  /** Takes the model directory and the runtime. */
  public static void main(String[] args) throws Exception {
    LanguageModel model = LanguageModels.load(Path.of(args[0]), args[1]);
    CountDownLatch passes = new CountDownLatch(10 * THREADS);
    List<FutureTask<String>> writers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      writers.add(start(() -> writeUntilClosed(model, passes)));
    }
    passes.await();

    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    FutureTask<String> held = start(() -> pass(model, entered, mayGoOn));
    entered.await();
    FutureTask<String> closing =
        start(
            () -> {
              model.close();
              return "closed";
            });
    try {
      closing.get(200, TimeUnit.MILLISECONDS);
      System.out.println("close did not wait");
    } catch (TimeoutException e) {
      System.out.println("close waits");
    }
    mayGoOn.countDown();
    System.out.println("the pass under way: " + held.get());
    System.out.println(closing.get());
    for (FutureTask<String> writer : writers) {
      System.out.println("writer: " + writer.get());
    }
    System.out.println("open: " + refusal(model::open));
    model.close();
  }

  private static FutureTask<String> start(Callable<String> work) {
    FutureTask<String> task = new FutureTask<>(work);
    new Thread(task).start();
    return task;
  }

  /** A pass that stands still until it may go on, where it asks whether it is still wanted. */
  private static String pass(LanguageModel model, CountDownLatch entered, CountDownLatch mayGoOn) {
    Cancellation standing =
        () -> {
          entered.countDown();
          try {
            mayGoOn.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return false;
        };
    Session session = model.open();
    float[] logits = new float[model.info().vocabularySize()];
    model.forward(List.of(Append.of(session, new int[] {1, 2, 3}, logits)), standing);
    return "done";
  }

  private static String writeUntilClosed(LanguageModel model, CountDownLatch passes) {
    Session session = model.open();
    return refusal(
        () -> {
          while (true) {
            if (session.remaining() == 0) {
              session.truncate(0);
            }
            Greedy.append(session, 1);
            passes.countDown();
          }
        });
  }

  private static String refusal(Runnable call) {
    try {
      call.run();
      return "none";
    } catch (IllegalStateException e) {
      return "IllegalStateException: " + e.getMessage();
    }
  }
}
