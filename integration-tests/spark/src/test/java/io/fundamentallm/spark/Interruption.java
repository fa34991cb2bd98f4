package io.fundamentallm.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Kills an executor at a chosen place of its work: the first task that comes there while the trap
 * is set writes its process down and waits, and the test, which finds that, destroys the process.
 * Files are what a test shares with executors.
 */
final class Interruption {
  private final Path trap;
  private final Path victim;

  Interruption(Path folder) {
    trap = folder.resolve("trap");
    victim = folder.resolve("victim");
  }

  /** From now on the next task that passes is stopped. */
  void set() throws IOException {
    Files.writeString(trap, "set");
  }

  /** Called in a task, in an executor; the paths are all that travels there. */
  static void pass(String folder) throws IOException, InterruptedException {
    Interruption here = new Interruption(Path.of(folder));
    if (Files.deleteIfExists(here.trap)) {
      Path written =
          Files.writeString(here.victim.resolveSibling("pid"), "" + ProcessHandle.current().pid());
      Files.move(written, here.victim, StandardCopyOption.ATOMIC_MOVE);
      TimeUnit.MINUTES.sleep(5);
    }
  }

  /** Waits for a task in the trap and kills its executor; gives the process. */
  CompletableFuture<Long> kill() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            while (!Files.exists(victim)) {
              TimeUnit.MILLISECONDS.sleep(10);
            }
            long pid = Long.parseLong(Files.readString(victim));
            Optional<ProcessHandle> executor = ProcessHandle.of(pid);
            if (!isExecutor(executor.orElseThrow())) {
              throw new IllegalStateException("not an executor: " + executor.get().info());
            }
            executor.get().destroyForcibly();
            return pid;
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Kills all executors that this process has, wherever they are in their work. */
  static void killAll() {
    List<ProcessHandle> executors =
        ProcessHandle.current().descendants().filter(Interruption::isExecutor).toList();
    if (executors.isEmpty()) {
      throw new IllegalStateException("there is no executor");
    }
    executors.forEach(ProcessHandle::destroyForcibly);
    executors.forEach(executor -> executor.onExit().join());
  }

  private static boolean isExecutor(ProcessHandle process) {
    return process.info().commandLine().orElse("").contains("CoarseGrained");
  }
}
