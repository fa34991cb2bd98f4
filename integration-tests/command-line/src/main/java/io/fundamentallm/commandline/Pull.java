package io.fundamentallm.commandline;

import io.fundamentallm.hub.ModelHub;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Downloads a model, and prints where it lies. */
@Command(
    name = "pull",
    description = {
      "Downloads a model from the Hugging Face hub, and prints its directory.",
      "HF_ENDPOINT, HF_HOME, HF_TOKEN and HF_HUB_OFFLINE mean what they mean to Hugging Face's own"
          + " programs, whose cache it shares."
    })
final class Pull extends Subcommand {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "Such as Qwen/Qwen3-0.6B.",
      showDefaultValue = Visibility.NEVER)
  String name = "";

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Write plain files here, instead of into the cache.")
  @Nullable Path to;

  @Option(
      names = "--revision",
      paramLabel = "REVISION",
      description = "A branch, a tag or a commit; a commit is the same for ever.")
  String revision = "main";

  @Option(
      names = "--files",
      paramLabel = "GLOB",
      split = ",",
      description =
          "What to download, such as *Q4_K_M.gguf; by default what loading the model needs.",
      showDefaultValue = Visibility.NEVER)
  List<String> files = List.of();

  @Option(
      names = "--offline",
      description = "Ask nobody: what the cache holds, or a failure.",
      showDefaultValue = Visibility.NEVER)
  boolean offline;

  @Override
  public Integer call() throws IOException {
    ModelHub hub = parsed(this::hub);
    ProgressLine progress =
        new ProgressLine(spec().commandLine().getErr(), ShellTerminal.present());
    Set<String> whole = new HashSet<>();
    try (Interruption interruption = interruption().work()) {
      hub =
          hub.withCancellation(interruption)
              .withListener(
                  (file, done, size) -> {
                    progress.onProgress(file, done, size);
                    if (done == size && whole.add(file)) {
                      progress.line(String.format("%s, %,d bytes", file, size));
                    }
                  });
      out().println(to == null ? hub.download(name) : hub.downloadInto(name, to));
    } catch (IllegalArgumentException e) {
      return parsed(
          () -> {
            throw e;
          });
    } finally {
      progress.clear();
    }
    return ExitCode.OK;
  }

  private ModelHub hub() {
    ModelHub hub = ModelHub.standard().withRevision(revision);
    if (!files.isEmpty()) {
      hub = hub.withFiles(files.toArray(String[]::new));
    }
    return offline ? hub.offline() : hub;
  }
}
