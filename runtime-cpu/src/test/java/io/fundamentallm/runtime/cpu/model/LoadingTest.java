package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.model.LoadingListener;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.BlockRows;
import io.fundamentallm.runtime.cpu.format.GgufBytes;
import io.fundamentallm.runtime.cpu.format.GgufModels;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.format.tensor.ReadProgress;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each byte of the weights is read once, by all members of the team, and a listener is told. */
@Tag("once") // reading is the same for all sets of kernels
class LoadingTest {
  private static final int COLUMNS = 256;

  @TempDir private Path directory;

  /** Two layers in blocks, queries and values in different ones. */
  private Path blocks() throws IOException {
    TinyModel model = TinyModel.llama("llama", COLUMNS, 4, 2, 64, 256).set("vocab_size", 2048);
    GgufBytes gguf = GgufModels.llama(model).remove("output.weight");
    add(gguf, "token_embd.weight", "Q8_0", 2048);
    for (int i = 0; i < 2; i++) {
      String layer = "blk." + i + ".";
      add(gguf, layer + "attn_q.weight", "Q4_K", 256);
      add(gguf, layer + "attn_k.weight", "Q4_K", 128);
      add(gguf, layer + "attn_v.weight", "Q6_K", 128);
      add(gguf, layer + "attn_output.weight", "Q4_0", 256);
      add(gguf, layer + "ffn_gate.weight", "Q4_K", 256);
      add(gguf, layer + "ffn_up.weight", "Q4_K", 256);
      add(gguf, layer + "ffn_down.weight", "IQ4_XS", 256);
    }
    return Files.write(directory.resolve("model.gguf"), gguf.bytes());
  }

  private static void add(GgufBytes gguf, String name, String type, int rows) {
    byte[] data = BlockRows.random(type, rows, COLUMNS, new Random(rows)).bytes();
    gguf.add(name, type, new int[] {rows, COLUMNS}, data);
  }

  private Path model(String kind) throws IOException {
    return switch (kind) {
      case "blocks" -> blocks();
      case "bf16" -> TinyModel.llama("qwen2").write(directory, "BF16");
      case "gpt2" -> TinyModel.gpt2().write(directory);
      default -> TinyModel.gptNeoX().write(directory, "F16");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocks", "bf16", "gpt2", "gpt_neox"})
  void each_byte_is_read_once(String kind) throws IOException {
    Path model = model(kind);
    for (Matrix.Format format : new Matrix.Format[] {null, Matrix.Format.F32, Matrix.Format.INT8}) {
      try (ModelFiles files = ModelFiles.open(model);
          Parallel parallel = Parallel.ofThreads(2)) {
        ReadProgress progress = files.report(LoadingListener.none());
        WeightPacker packer = new WeightPacker(format, Kernels.best(), parallel);
        packer.room(files.config(), files.weights()).require();
        assertThat(progress.bytes()).as("before the heap is known to suffice").isZero();

        packer.pack(files.config(), files.weights());

        assertThat(progress.bytes()).as("%s as %s", kind, format).isEqualTo(files.bytes());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "f32", "int8", "int4"})
  void a_listener_is_told_a_hundred_times_at_most(String weights) throws IOException {
    Path model = blocks();
    List<Long> heard = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<Long> all = new AtomicReference<>();
    Registry registry =
        Registry.of()
            .with(new CpuRuntimeProvider())
            .withLoadingListener(
                (bytes, total) -> {
                  heard.add(bytes);
                  all.set(total);
                });

    LanguageModels.load(model, "cpu(threads=3,weights=" + weights + ")", registry).close();

    long bytes;
    try (ModelFiles files = ModelFiles.open(model)) {
      bytes = files.bytes();
    }
    assertThat(all.get()).isEqualTo(bytes);
    assertThat(heard).hasSizeBetween(50, 100).isSorted().doesNotHaveDuplicates().endsWith(bytes);
  }

  @Test
  void what_a_listener_throws_ends_the_loading_and_it_hears_no_more() throws IOException {
    Path model = blocks();
    RuntimeException enough = new IllegalStateException("enough");
    List<Long> heard = Collections.synchronizedList(new ArrayList<>());
    Registry registry =
        Registry.of()
            .with(new CpuRuntimeProvider())
            .withLoadingListener(
                (bytes, total) -> {
                  heard.add(bytes);
                  if (bytes > total / 2) {
                    throw enough;
                  }
                });

    assertThatThrownBy(() -> LanguageModels.load(model, "cpu(threads=3)", registry))
        .isSameAs(enough);
    long half = Files.size(model) / 2;
    assertThat(heard.stream().filter(bytes -> bytes > half)).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void while_one_thread_is_held_up_the_others_read_on() throws IOException {
    Path model = blocks();
    AtomicReference<ReadProgress> reading = new AtomicReference<>();
    AtomicBoolean others = new AtomicBoolean();
    AtomicBoolean waited = new AtomicBoolean();
    try (ModelFiles files = ModelFiles.open(model);
        Parallel parallel = Parallel.ofThreads(2)) {
      reading.set(
          files.report(
              (bytes, total) -> {
                if (waited.compareAndSet(false, true)) {
                  others.set(grows(reading.get()));
                }
              }));
      new WeightPacker(null, Kernels.best(), parallel).pack(files.config(), files.weights());
    }
    assertThat(others).isTrue();
  }

  /** Whether more is read before a minute is over. */
  private static boolean grows(ReadProgress reading) {
    long before = reading.bytes();
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (reading.bytes() == before && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000);
    }
    return reading.bytes() > before;
  }

  /** The file has no bytes on disk: reading it would give zeros. */
  @Test
  void a_model_larger_than_the_heap_is_refused_before_anything_is_read() throws IOException {
    long max = Runtime.getRuntime().maxMemory();
    int rows = 4096;
    int columns = 4096;
    int layers = (int) (max / (3L * 4 * rows * columns)) + 1;
    TinyModel.llama("llama")
        .set("hidden_size", columns)
        .set("head_dim", 64)
        .set("intermediate_size", rows)
        .set("num_hidden_layers", layers)
        .set("tie_word_embeddings", true)
        .writeConfig(directory);
    List<String> entries = new ArrayList<>();
    long size = entry(entries, 0, "model.embed_tokens.weight", 11, columns);
    size = entry(entries, size, "model.norm.weight", columns);
    for (int i = 0; i < layers; i++) {
      String layer = "model.layers." + i + ".";
      size = entry(entries, size, layer + "input_layernorm.weight", columns);
      size = entry(entries, size, layer + "post_attention_layernorm.weight", columns);
      size = entry(entries, size, layer + "self_attn.q_proj.weight", 256, columns);
      size = entry(entries, size, layer + "self_attn.k_proj.weight", 128, columns);
      size = entry(entries, size, layer + "self_attn.v_proj.weight", 128, columns);
      size = entry(entries, size, layer + "self_attn.o_proj.weight", columns, 256);
      size = entry(entries, size, layer + "mlp.gate_proj.weight", rows, columns);
      size = entry(entries, size, layer + "mlp.up_proj.weight", rows, columns);
      size = entry(entries, size, layer + "mlp.down_proj.weight", columns, rows);
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    Path file = directory.resolve("model.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      sparse.write(length.putLong(header.length).array());
      sparse.write(header);
      sparse.setLength(8 + header.length + size);
    }
    AtomicBoolean heard = new AtomicBoolean();
    Registry registry =
        Registry.of()
            .with(new CpuRuntimeProvider())
            .withLoadingListener((bytes, total) -> heard.set(true));

    assertThatThrownBy(() -> LanguageModels.load(directory, registry))
        .isInstanceOf(HeapTooSmallException.class)
        .hasMessageMatching(".* MiB\\. Start the JVM with -Xmx\\d+m or more.*");
    assertThat(heard).isFalse();
  }

  private static long entry(List<String> entries, long at, String name, int... shape) {
    long end = at + 4L * shape[0] * (shape.length == 1 ? 1 : shape[1]);
    String sizes = shape.length == 1 ? "" + shape[0] : shape[0] + "," + shape[1];
    entries.add(
        "\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
            .formatted(name, sizes, at, end));
    return end;
  }
}
