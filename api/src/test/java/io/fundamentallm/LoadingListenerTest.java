package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Stubs.Bytes;
import io.fundamentallm.Stubs.Toys;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.LoadingListener;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry's listener reaches the runtime, whoever loads. */
class LoadingListenerTest {
  /** A runtime that reports as much as it is told to. */
  private record Reporting(Toys toys, int calls) implements LanguageModelProvider {
    @Override
    public String name() {
      return toys.name();
    }

    @Override
    public Support supports(Path directory) {
      return toys.supports(directory);
    }

    @Override
    public LanguageModel load(Path directory, Options options) throws IOException {
      return load(directory, options, LoadingListener.none());
    }

    @Override
    public LanguageModel load(Path directory, Options options, LoadingListener listener)
        throws IOException {
      for (int i = 1; i <= calls; i++) {
        listener.onProgress(i, calls);
      }
      return toys.load(directory, options);
    }
  }

  @TempDir private Path folder;
  private final List<String> heard = new ArrayList<>();
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectories(folder.resolve("model"));
  }

  private Registry registry(LanguageModelProvider provider) {
    return Registry.of()
        .withLoadingListener((bytes, total) -> heard.add(bytes + " of " + total))
        .with(provider, new Bytes("model"));
  }

  @Test
  void every_way_of_loading_reports() throws IOException {
    Registry registry = registry(new Reporting(new Toys("toy", 0, "model"), 2));

    LanguageModels.load(directory, registry).close();
    LanguageModels.load(directory, "toy", registry).close();
    LanguageModels.shared(directory, "toy(context=8)", registry).close();
    TextGenerator.load(directory, registry).close();
    TextGenerator.load(directory, "toy", registry).close();

    assertThat(heard).hasSize(10).startsWith("1 of 2", "2 of 2");
  }

  @Test
  void a_runtime_need_not_know_of_listeners() throws IOException {
    LanguageModels.load(directory, registry(new Toys("toy", 0, "model"))).close();

    assertThat(heard).isEmpty();
  }

  @Test
  void what_the_listener_throws_reaches_the_caller() {
    RuntimeException enough = new IllegalStateException("enough");
    Registry registry =
        Registry.of()
            .with(new Reporting(new Toys("toy", 0, "model"), 1))
            .withLoadingListener(
                (bytes, total) -> {
                  throw enough;
                });

    assertThatThrownBy(() -> LanguageModels.load(directory, registry)).isSameAs(enough);
  }
}
