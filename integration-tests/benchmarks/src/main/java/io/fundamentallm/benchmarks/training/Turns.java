package io.fundamentallm.benchmarks.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;

/**
 * A training that goes on only when told to: the lines of standard input say {@code run SECONDS},
 * and when so much time is over, the answer is {@code STEPS SECONDS}. Between turns the process
 * sleeps. For one thread.
 */
final class Turns {
  private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
  private double seconds = -1;
  private long start;
  private int steps;

  /**
   * To be called after each step. Outside a turn it waits for the next one.
   *
   * @return false when there is none
   */
  boolean hasNext() {
    steps++;
    double elapsed = (System.nanoTime() - start) * 1e-9;
    if (elapsed < seconds) {
      return true;
    }
    if (seconds >= 0) {
      System.out.println(steps + " " + elapsed);
      System.out.flush();
    }
    String line = read();
    if (line == null || !line.startsWith("run ")) {
      return false;
    }
    seconds = Double.parseDouble(line.substring("run ".length()));
    steps = 0;
    start = System.nanoTime();
    return true;
  }

  private String read() {
    try {
      return in.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
