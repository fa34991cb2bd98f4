package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.format.BlockRows;
import io.fundamentallm.runtime.cpu.format.GgufBytes;
import io.fundamentallm.runtime.cpu.format.GgufModels;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A loaded model takes the memory of its tensors in the file, whatever their type. */
@Tag("once") // the arrays are the same for all sets of kernels
class KeptBytesTest {
  private static final int COLUMNS = 256;
  private static final double MOST = 1.05;

  @TempDir Path directory;
  private long fileBytes;

  static Stream<String> types() {
    return BlockRows.TYPES.stream();
  }

  private void add(GgufBytes gguf, String name, String type, int rows) {
    byte[] data = BlockRows.random(type, rows, COLUMNS, new Random(rows)).bytes();
    gguf.add(name, type, new int[] {rows, COLUMNS}, data);
    fileBytes += data.length;
  }

  /** A model of one layer; the embedding is the head, too. */
  private Transformer load(String queries, String values, String gate, String others)
      throws IOException {
    fileBytes = 3 * 4 * COLUMNS; // the norms
    TinyModel model = TinyModel.llama("llama", COLUMNS, 4, 2, 64, 256).set("vocab_size", 512);
    GgufBytes gguf = GgufModels.llama(model).remove("output.weight");
    for (String name : gguf.tensors()) {
      if (name.startsWith("blk.1.")) {
        gguf.remove(name);
      }
    }
    gguf.set("llama.block_count", 1);
    add(gguf, "token_embd.weight", others, 512);
    add(gguf, "blk.0.attn_q.weight", queries, 256);
    add(gguf, "blk.0.attn_k.weight", queries, 128);
    add(gguf, "blk.0.attn_v.weight", values, 128);
    add(gguf, "blk.0.attn_output.weight", others, 256);
    add(gguf, "blk.0.ffn_gate.weight", gate, 256);
    add(gguf, "blk.0.ffn_up.weight", others, 256);
    add(gguf, "blk.0.ffn_down.weight", others, 256);
    Path file = Files.write(directory.resolve("model.gguf"), gguf.bytes());
    try (ModelFiles files = ModelFiles.open(file);
        Parallel parallel = Parallel.ofThreads(2)) {
      WeightPacker packer = new WeightPacker(null, Kernels.best(), parallel);
      Transformer transformer = packer.pack(files.config(), files.weights());
      assertThat(packer.room(files.config(), files.weights()).bytes())
          .isEqualTo(transformer.bytes());
      return transformer;
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void the_arrays_of_a_model_take_as_many_bytes_as_the_file(String type) throws IOException {
    long arrays = arrayBytes(load(type, type, type, type));

    assertThat(arrays / (double) fileBytes).as(type).isBetween(1.0, MOST);
  }

  @Test
  void so_do_those_of_matrices_whose_parts_differ() throws IOException {
    for (List<String> types :
        List.of(
            List.of("Q4_K", "Q6_K", "Q4_K", "Q4_K"),
            List.of("BF16", "F32", "F16", "BF16"),
            List.of("Q8_0", "BF16", "Q2_K", "Q5_1"))) {
      Transformer model = load(types.get(0), types.get(1), types.get(2), types.get(3));

      assertThat(arrayBytes(model) / (double) fileBytes).as("%s", types).isBetween(1.0, MOST);
    }
  }

  /** Bytes of the elements of all arrays that an object reaches. */
  private static long arrayBytes(Object root) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>(List.of(root));
    long bytes = 0;
    while (!open.isEmpty()) {
      Object object = open.pop();
      if (!seen.add(object) || object instanceof Enum) {
        continue;
      }
      if (object instanceof Iterable<?> list) {
        list.forEach(open::push);
      } else if (object.getClass().isArray()) {
        bytes += elements(object, open);
      } else if (object.getClass().getName().startsWith("io.fundamentallm.")) {
        fields(object, open);
      }
    }
    return bytes;
  }

  private static long elements(Object array, Deque<Object> open) {
    int length = Array.getLength(array);
    if (array instanceof Object[] objects) {
      Stream.of(objects).filter(element -> element != null).forEach(open::push);
      return 4L * length;
    }
    return length * (array instanceof byte[] ? 1L : array instanceof short[] ? 2L : 4L);
  }

  private static void fields(Object object, Deque<Object> open) {
    for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          try {
            field.setAccessible(true);
            Object value = field.get(object);
            if (value != null) {
              open.push(value);
            }
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
  }
}
