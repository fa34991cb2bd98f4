package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Saved sessions with random changes, most with a checksum that fits, go on or are refused. */
@Tag("once")
class SessionFuzzTest {
  private static final int CHECKSUM = 4;

  @TempDir private Path folder;

  /** LongRoPE's sessions have their tokens with them. */
  private static TinyModel model(boolean tokens) {
    TinyModel model = tokens ? TinyModel.phi3() : TinyModel.llama("llama");
    if (tokens) {
      model.set("rope_scaling", scaling()).set("original_max_position_embeddings", 20);
    }
    return model.set("max_position_embeddings", 64);
  }

  private static Map<String, Object> scaling() {
    return Map.of(
        "rope_type", "longrope",
        "short_factor", List.of(1.0, 1.0, 1.0),
        "long_factor", List.of(1.0, 2.0, 3.0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "int8", "tokens"})
  void some_hundred_changes(String kind) throws IOException {
    fuzz(kind, new Random(43), 300, Long.MAX_VALUE);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"f32", "int8", "tokens"})
  void changes_for_a_minute(String kind) throws IOException {
    fuzz(kind, new Random(44), Integer.MAX_VALUE, System.nanoTime() + 60_000_000_000L);
  }

  private void fuzz(String kind, Random random, int rounds, long end) throws IOException {
    boolean tokens = kind.equals("tokens");
    Path directory = model(tokens).write(Files.createDirectory(folder.resolve("model")));
    Path file = folder.resolve("session");
    Map<String, String> options = Map.of("threads", "1", "cache", tokens ? "f32" : kind);
    int restored = 0;
    int refused = 0;
    try (CpuLanguageModel model =
        (CpuLanguageModel) new CpuRuntimeProvider().load(directory, Options.of("cpu", options))) {
      try (Session session = model.open()) {
        session.append(IntStream.range(0, 45).map(i -> i * 7 % 11).toArray());
        session.save(file, "a tokenizer");
      }
      byte[] sound = Files.readAllBytes(file);
      for (int round = 0; round < rounds && System.nanoTime() - end < 0; round++) {
        byte[] changed = changed(sound, random);
        Files.write(file, changed);
        try (Session session = model.restore(file, "a tokenizer")) {
          if (session.remaining() > 0) {
            session.append(new int[] {3}, new float[11]);
          }
          restored++;
        } catch (IOException e) {
          assertThat(e).hasMessageContaining(file.toString());
          refused++;
        } catch (RuntimeException | Error e) {
          throw new AssertionError(
              "round " + round + ": " + HexFormat.of().formatHex(changed, 0, 200), e);
        }
        assertThat(model.cache().blocksInUse()).isZero();
      }
    }
    System.out.printf("session, %s: %d changed, restored %d%n", kind, refused + restored, restored);
    assertThat(restored).isPositive();
    assertThat(refused).isPositive();
  }

  private static byte[] changed(byte[] sound, Random random) {
    int size = random.nextInt(6) == 0 ? random.nextInt(sound.length + 20) : sound.length;
    byte[] changed = Arrays.copyOf(sound, size);
    ByteBuffer buffer = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    for (int n = random.nextInt(3); n >= 0 && size > 8 + CHECKSUM; n--) {
      int part = random.nextInt(3) == 0 ? size : Math.min(size, 500);
      int at = random.nextInt(part - 8 - CHECKSUM);
      switch (random.nextInt(4)) {
        case 0 -> buffer.putLong(at, random.nextLong() >> random.nextInt(64));
        case 1 -> buffer.putInt(at & -4, random.nextInt() >> random.nextInt(32));
        case 2 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        default -> changed[at] = (byte) random.nextInt(256);
      }
    }
    if (size > CHECKSUM && random.nextInt(8) > 0) {
      CRC32C checksum = new CRC32C();
      checksum.update(changed, 0, size - CHECKSUM);
      buffer.putInt(size - CHECKSUM, (int) checksum.getValue());
    }
    return changed;
  }
}
