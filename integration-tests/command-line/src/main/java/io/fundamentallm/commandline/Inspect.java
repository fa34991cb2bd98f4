package io.fundamentallm.commandline;

import io.fundamentallm.Registry;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports what a model directory contains, and what would load it. */
@Command(
    name = "inspect",
    description = "Shows what a model is, and which runtime loads it and why.")
final class Inspect extends Subcommand {
  @Mixin ModelDirectory directory = new ModelDirectory();

  @Option(
      names = "--explain",
      description = "List all parts of the library: what was found where, and what is chosen.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean explain;

  @Override
  public Integer call() throws IOException {
    try {
      describe();
    } finally { // above all where nothing can load it
      if (explain) {
        out().println();
        out().print(Registry.standard().explain());
      }
    }
    return ExitCode.OK;
  }

  private void describe() throws IOException {
    Tokenizer tokenizer = directory.tokenizer();
    try (LanguageModel model = directory.model()) {
      files(directory.path);
      model(model.info());
      tokenizer(tokenizer);
    }
    Registry registry = Registry.standard();
    registry.all(TokenizerProvider.class).stream()
        .filter(provider -> provider.supports(directory.path).supported())
        .findFirst()
        .ifPresent(first -> asked("tokenizer", first.name(), first.supports(directory.path)));
    for (LanguageModelProvider provider : registry.all(LanguageModelProvider.class)) {
      asked("runtime", provider.name(), provider.supports(directory.path));
    }
    line(
        "chosen",
        configured() ? "the runtime that was asked for" : "the first of these runtimes that can");
  }

  private boolean configured() {
    return directory.runtime != null
        || System.getProperty("fundamentallm.runtime") != null
        || System.getenv("FUNDAMENTALLM_RUNTIME") != null;
  }

  private void files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      line("file", String.format(Locale.ROOT, "%s, %,d bytes", path, Files.size(path)));
      return;
    }
    line("directory", path.toString());
    try (Stream<Path> all = Files.list(path)) {
      for (Path file : all.sorted().toList()) {
        String name = file.getFileName().toString();
        line(
            "",
            Files.isDirectory(file)
                ? name + "/"
                : String.format(Locale.ROOT, "%-24s %,15d bytes", name, Files.size(file)));
      }
    }
  }

  private void model(ModelInfo info) {
    line("architecture", info.architecture());
    String context = String.format(Locale.ROOT, "context of %,d tokens", info.contextLength());
    line(
        "sizes",
        info.layers() == 0
            ? context
            : String.format(
                Locale.ROOT,
                "%d layers, %d heads, hidden size %d, %s",
                info.layers(),
                info.heads(),
                info.hiddenSize(),
                context));
    if (info.parameters() > 0) {
      line("parameters", String.format(Locale.ROOT, "%,d", info.parameters()));
    }
    List<String> told = // a plugin's runtime may say neither
        Stream.of(info.precision(), info.device()).filter(text -> !text.equals("unknown")).toList();
    if (!told.isEmpty()) {
      line(told.contains(info.precision()) ? "precision" : "device", String.join(" on ", told));
    }
    line(
        "can",
        info.capabilities().stream()
            .map(capability -> capability.name().toLowerCase(Locale.ROOT).replace('_', ' '))
            .collect(Collectors.joining(", ")));
  }

  private void tokenizer(Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    line(
        "vocabulary",
        String.format(
            Locale.ROOT,
            "%,d tokens, %d of them special%s%s",
            vocabulary.size(),
            vocabulary.special().size(),
            named(", begin ", vocabulary.bos(), vocabulary),
            named(", end ", vocabulary.eos(), vocabulary)));
    line("chat template", tokenizer.chatTemplate().isPresent() ? "yes" : "no");
  }

  private static String named(String what, OptionalInt id, Vocabulary vocabulary) {
    return id.isEmpty() ? "" : what + vocabulary.token(id.getAsInt());
  }

  private void asked(String kind, String name, Support support) {
    line(kind, name + (support.supported() ? " can: " : " cannot: ") + support.reason());
  }

  private void line(String what, String value) {
    out().printf("%-14s %s%n", what, value);
  }
}
