package io.fundamentallm.benchmarks.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process that trains by turns, see {@link Turns}. For one thread. */
final class Contestant implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer commands;

  private Contestant(Process process) {
    this.process = process;
    answers = process.inputReader(UTF_8);
    commands = process.outputWriter(UTF_8);
  }

  static Contestant start(ProcessBuilder program) throws IOException {
    return new Contestant(program.start());
  }

  /** Lets it train for so many seconds; the milliseconds a step. */
  double train(double seconds) {
    try {
      commands.write("run " + seconds + "\n");
      commands.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IllegalStateException("it ended: " + process.info().commandLine().orElse("?"));
      }
      String[] stepsAndSeconds = answer.split(" ", -1);
      return 1e3 * Double.parseDouble(stepsAndSeconds[1]) / Integer.parseInt(stepsAndSeconds[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The most physical memory that it had so far, in MB (10<sup>6</sup> bytes), as Linux counts. */
  double peakMegabytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", process.pid() + "", "status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
      }
    }
    throw new IOException("no VmHWM for process " + process.pid());
  }

  /** Without more commands it ends by itself. */
  @Override
  public void close() {
    try {
      commands.close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroy();
      }
    } catch (IOException e) {
      process.destroy();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
