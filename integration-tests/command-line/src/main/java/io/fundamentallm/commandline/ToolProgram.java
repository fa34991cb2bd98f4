package io.fundamentallm.commandline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A program that a tool stands for. It gets the arguments of the call, a JSON object, as its
 * standard input in UTF-8, and its standard output is the result. If it ends with another status
 * than 0, cannot be started or takes too long, the result says so, with what it wrote to standard
 * error: the model may then try something else. No shell has a part in it.
 *
 * @param command the program and its own arguments
 * @param folder where it runs
 * @param timeout after which it is ended
 */
record ToolProgram(List<String> command, Path folder, Duration timeout) {
  /** What of a program's output a model can use; the rest is read and dropped. */
  private static final int MOST = 64 * 1024;

  private static final String STOPPED = "error: stopped by the user";
  private static final int PAUSE_MILLIS = 20;

  /** How long its pipes may stay open after its end, for what it left behind holds them. */
  private static final long SETTLE_MILLIS = 1000;

  /** Runs it to its end, to its timeout, or until cancelled. */
  String run(String arguments, BooleanSupplier cancelled) throws InterruptedException {
    if (cancelled.getAsBoolean()) {
      return STOPPED;
    }
    Process process;
    try {
      process = new ProcessBuilder(command).directory(folder.toFile()).start();
    } catch (IOException e) {
      return "error: " + command.get(0) + " cannot be started: " + e.getMessage();
    }
    // all three at once: a program may write before it has read, and fill a pipe
    Output out = new Output(process.getInputStream());
    Output err = new Output(process.getErrorStream());
    Thread reading = daemon(out);
    Thread readingErrors = daemon(err);
    daemon(() -> write(process, arguments));
    long begun = System.nanoTime();
    while (!process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
      if (cancelled.getAsBoolean()) {
        end(process);
        return STOPPED;
      } else if (System.nanoTime() - begun > timeout.toNanos()) {
        end(process);
        return "error: no result within " + timeout.toSeconds() + " s";
      }
    }
    reading.join(SETTLE_MILLIS);
    if (process.exitValue() == 0) {
      return out.text();
    }
    readingErrors.join(SETTLE_MILLIS);
    String said =
        Stream.of(err.text(), out.text()).filter(s -> !s.isEmpty()).collect(joining("\n"));
    return ("error: exit status " + process.exitValue() + "\n" + said).strip();
  }

  /** With what it started itself, which may hold the pipes open. */
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static void write(Process process, String arguments) {
    try (OutputStream to = process.getOutputStream()) {
      to.write(arguments.getBytes(UTF_8));
    } catch (IOException e) {
      // it did not want to read them
    }
  }

  /** Nobody waits for it at the end of the program. */
  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "tool");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Reads a pipe to its end; what came so far may be asked for at any time. */
  private static final class Output implements Runnable {
    private final InputStream from;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean more;

    Output(InputStream from) {
      this.from = from;
    }

    @Override
    public void run() {
      byte[] buffer = new byte[8192];
      try (from) {
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
          keep(buffer, n);
        }
      } catch (IOException e) {
        cut(); // the pipe broke: what came before is kept
      }
    }

    private synchronized void cut() {
      more = true;
    }

    private synchronized void keep(byte[] bytes, int count) {
      int room = Math.min(count, MOST - kept.size());
      kept.write(bytes, 0, room);
      more |= room < count;
    }

    synchronized String text() {
      return kept.toString(UTF_8).strip() + (more ? "\n(the rest is left out)" : "");
    }
  }
}
