package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionFileTest {
  private static final int[] TOKENS = IntStream.range(0, 45).map(i -> i * 7 % 11).toArray();

  @TempDir private Path folder;

  private LanguageModel load(TinyModel model, Map<String, String> options) throws IOException {
    Path directory = model.write(Files.createDirectories(folder.resolve("model")));
    return new CpuRuntimeProvider().load(directory, Options.of("cpu", options));
  }

  private static TinyModel model() {
    return TinyModel.llama("llama").set("max_position_embeddings", 64);
  }

  private static float[] next(Session session) {
    float[] logits = new float[11];
    session.append(new int[] {3}, logits);
    return logits;
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "f16", "int8"})
  void a_model_loaded_anew_goes_on_to_the_bit(String cache) throws IOException {
    Map<String, String> options = Map.of("cache", cache);
    Path file = folder.resolve("session");
    float[] expected;
    try (LanguageModel model = load(model(), options);
        Session session = model.open()) {
      session.append(TOKENS);
      session.save(file, "a tokenizer");
      expected = next(session);
    }
    Map<String, String> threads = Map.of("cache", cache, "threads", "1");
    try (LanguageModel model = load(model(), threads);
        Session session = model.restore(file, "a tokenizer")) {
      assertThat(session.length()).isEqualTo(TOKENS.length);
      assertThat(next(session)).containsExactly(expected);
    }
  }

  @Test
  void other_weights_and_other_caches_are_foreign() throws IOException {
    Path file = folder.resolve("session");
    try (LanguageModel model = load(model(), Map.of());
        Session session = model.open()) {
      session.append(TOKENS);
      session.save(file, "");
    }
    TinyModel other = model();
    other.tensor("model.layers.1.mlp.down_proj.weight").values()[7] += 0.001f;
    try (LanguageModel model = load(other, Map.of())) {
      assertThatIOException()
          .isThrownBy(() -> model.restore(file, ""))
          .withMessageContaining("belongs to another model or tokenizer");
    }
    try (LanguageModel model = load(model(), Map.of("cache", "f16"))) {
      assertThatIOException()
          .isThrownBy(() -> model.restore(file, ""))
          .withMessageContaining("F16 keys and values");
    }
  }

  @Test
  void other_windows_are_foreign_even_if_no_few_tokens_tell_them_apart() throws IOException {
    Path file = folder.resolve("session");
    try (LanguageModel model = load(windowed(20, 64), Map.of());
        Session session = model.open()) {
      session.append(TOKENS);
      session.save(file, "");
      model.restore(file, "").close();
    }
    for (TinyModel other :
        List.of(windowed(40, 64), windowed(null, 64), windowed(20, 128), windowed(20, 48))) {
      try (LanguageModel model = load(other, Map.of())) {
        assertThatIOException()
            .isThrownBy(() -> model.restore(file, ""))
            .withMessageContaining("belongs to another model or tokenizer");
      }
    }
  }

  private static TinyModel windowed(@Nullable Integer window, int context) {
    return TinyModel.llama("mistral")
        .set("sliding_window", window)
        .set("max_position_embeddings", context);
  }

  @Test
  void a_file_is_readable_to_its_owner_alone() throws IOException {
    assumeThat(Files.getFileStore(folder).supportsFileAttributeView("posix")).isTrue();
    Path file = folder.resolve("session");
    try (LanguageModel model = load(model(), Map.of())) {
      save(model, file);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void nothing_of_other_sessions_gets_into_a_file() throws IOException {
    try (LanguageModel model = load(model(), Map.of())) {
      Path fresh = folder.resolve("fresh");
      Path reused = folder.resolve("reused");
      save(model, fresh);
      try (Session other = model.open()) {
        other.append(TOKENS);
      }
      save(model, reused);
      assertThat(reused).hasSameBinaryContentAs(fresh);
    }
  }

  private static void save(LanguageModel model, Path file) throws IOException {
    try (Session session = model.open()) {
      session.append(new int[] {1, 2, 3});
      session.save(file, "");
    }
  }

  @Test
  void models_around_this_one_pass_it_on() throws IOException {
    Path file = folder.resolve("session");
    try (LanguageModel inner = load(model(), Map.of());
        LanguageModel model = LanguageModels.batching(inner, BatchingLimits.defaults());
        Session session = model.open()) {
      session.append(TOKENS);
      session.save(file, "");
      try (Session restored = model.restore(file, "")) {
        assertThat(restored.model()).isSameAs(model);
        assertThat(next(restored)).containsExactly(next(session));
      }
      LanguageModel guided = LanguageModels.guided(inner, new int[] {1}, 2);
      assertThat(guided.info().capabilities()).doesNotContain(Capability.SAVE);
      try (Session two = guided.open()) {
        assertThatThrownBy(() -> two.save(file, ""))
            .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> guided.restore(file, ""))
            .isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  @Test
  void without_memory_nothing_is_left_behind() throws IOException {
    Path file = folder.resolve("session");
    try (LanguageModel model = load(model(), Map.of());
        Session session = model.open()) {
      session.append(TOKENS);
      session.save(file, "");
    }
    try (CpuLanguageModel model =
        (CpuLanguageModel) load(model(), Map.of("cache-memory", "30000"))) {
      assertThatThrownBy(() -> model.restore(file, "")).isInstanceOf(CacheFullException.class);
      assertThat(model.cache().blocksInUse()).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.restore(file, "x".repeat(1001)))
          .withMessageContaining("1001 characters");
    }
  }
}
