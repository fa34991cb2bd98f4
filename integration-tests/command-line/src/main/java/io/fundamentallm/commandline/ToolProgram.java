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
import java.util.concurrent.CompletableFuture;
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

  private static final int PAUSE_MILLIS = 20;
  private static final long SETTLE_NANOS = 1_000_000_000;

  /** Runs it to its end, to its timeout, or until cancelled. */
  String run(String arguments, BooleanSupplier cancelled) throws InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).directory(folder.toFile()).start();
    } catch (IOException e) {
      return "error: " + command.get(0) + " cannot be started: " + e.getMessage();
    }
    // all three at once: a program may write before it has read, and fill a pipe
    CompletableFuture<String> out = read(process.getInputStream());
    CompletableFuture<String> err = read(process.getErrorStream());
    CompletableFuture<Void> in = CompletableFuture.runAsync(() -> write(process, arguments));
    long begun = System.nanoTime();
    String ended = "";
    while (!process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
      if (cancelled.getAsBoolean()) {
        ended = "error: stopped by the user";
      } else if (System.nanoTime() - begun > timeout.toNanos()) {
        ended = "error: no result within " + timeout.toSeconds() + " s";
      }
      if (!ended.isEmpty()) {
        end(process);
        return ended;
      }
    }
    in.cancel(true);
    // what it started and left behind may hold the pipes open
    long left = Math.max(timeout.toNanos() - (System.nanoTime() - begun), SETTLE_NANOS);
    out.completeOnTimeout("error: it ended, and its output did not", left, TimeUnit.NANOSECONDS);
    err.completeOnTimeout("", left, TimeUnit.NANOSECONDS);
    if (process.exitValue() == 0) {
      return out.join();
    }
    String said =
        Stream.of(err.join(), out.join()).filter(s -> !s.isEmpty()).collect(joining("\n"));
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

  private static CompletableFuture<String> read(InputStream from) {
    return CompletableFuture.supplyAsync(
        () -> {
          ByteArrayOutputStream kept = new ByteArrayOutputStream();
          byte[] buffer = new byte[8192];
          boolean more = false;
          try (from) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
              int room = Math.min(n, MOST - kept.size());
              kept.write(buffer, 0, room);
              more |= room < n;
            }
          } catch (IOException e) {
            more = true; // the pipe broke: what came before is kept
          }
          return kept.toString(UTF_8).strip() + (more ? "\n(the rest is left out)" : "");
        },
        task -> {
          Thread thread = new Thread(task, "tool");
          thread.setDaemon(true);
          thread.start();
        });
  }
}
