package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.Append;
import io.fundamentallm.LanguageModel;
import io.fundamentallm.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions come and go, and the process grows no larger. */
class NativeMemoryTest {
  private static final int STEPS = 20_000;
  private static final int QUARTER = STEPS / 4;
  private static final int SESSIONS = 8;
  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(names = {"MASK_AND_POSITIONS", "F16", "WITHOUT_CACHE"})
  void twenty_thousand_steps_leave_nothing_behind(Form form) throws IOException {
    assumeTrue(Files.isReadable(STATUS), "there is no " + STATUS + " to read memory from");
    // a past of up to 4 MB, so that one lost in a thousand steps shows
    TinyDecoder decoder = TinyDecoder.random(17, 256, 256, 2, 2, 6);
    decoder.save(directory, form);
    Random random = new Random(11);
    long[] memory = new long[4];
    try (LanguageModel model =
        new GpuProvider().load(directory, Options.of("gpu", Map.of("device", "cpu")))) {
      List<Session> sessions = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        step(model, sessions, random);
        if ((step + 1) % QUARTER == 0) {
          memory[step / QUARTER] = resident();
        }
      }
      sessions.forEach(Session::close);
    }
    assertThat(memory[3] / (double) memory[1])
        .as("%d kB, then %d", memory[1], memory[3])
        .isLessThan(1.02);
  }

  private static void step(LanguageModel model, List<Session> sessions, Random random) {
    if (sessions.size() < SESSIONS) {
      sessions.add(model.open());
    }
    int which = random.nextInt(sessions.size());
    Session session = sessions.get(which);
    switch (random.nextInt(12)) {
      case 0 -> sessions.remove(which).close();
      case 1 -> sessions.set(random.nextInt(sessions.size()), session.fork()).close();
      case 2 -> session.truncate(random.nextInt(session.length() + 1));
      case 3 -> {
        Append append = Append.of(session, new int[] {1, 2});
        assertThatThrownBy(() -> model.forward(List.of(append), () -> true))
            .isInstanceOf(CancellationException.class);
      }
      default -> {
        if (session.remaining() < 4) {
          session.truncate(0);
        }
        session.append(random.ints(1 + random.nextInt(3), 0, 17).toArray(), new float[1][17]);
      }
    }
  }

  /** In kB, without what the collector would take away. */
  private static long resident() throws IOException {
    System.gc();
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
