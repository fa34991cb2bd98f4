package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sessions come and go, and the process grows no larger. It is one of its own, whose heap has its
 * whole size from the beginning, so that what grows is outside, and whose code is compiled simply
 * and at once, so that the compiler does not grow for long, on a busy machine neither.
 */
class NativeMemoryTest {
  private static final int STEPS = 8_000;
  private static final int SAMPLES = 80;
  private static final int SESSIONS = 8;
  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "MASK_AND_POSITIONS, false",
    "MASK_AND_POSITIONS, true",
    "GROUPED, false",
    "GROUPED, true",
    "F16, false"
  })
  void thousands_of_steps_leave_nothing_behind(Form form, boolean onDevice)
      throws IOException, InterruptedException {
    assumeTrue(Files.isReadable(STATUS), "there is no " + STATUS + " to read memory from");
    // a past of up to 256 KB, so that a way on which it is always lost shows
    TinyDecoder.random(17, 256, 64, 2, 2, 6).save(directory, form);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1",
                "-Xbatch",
                "-cp",
                System.getProperty("java.class.path"),
                NativeMemoryTest.class.getName(),
                directory.toString(),
                Boolean.toString(onDevice))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    long[] kilobytes = out.lines().mapToLong(Long::parseLong).toArray();
    assertThat(kilobytes).hasSize(SAMPLES);
    assertThat(mean(kilobytes, SAMPLES * 3 / 4) / mean(kilobytes, SAMPLES / 4))
        .as(out)
        .isLessThan(1.02);
  }

  /** Of a quarter of the samples. */
  private static double mean(long[] samples, int from) {
    double sum = 0;
    for (int i = from; i < from + SAMPLES / 4; i++) {
      sum += samples[i];
    }
    return sum / (SAMPLES / 4);
  }

  /** The other process. */
  public static void main(String[] arguments) throws IOException {
    Random random = new Random(11);
    GpuSettings settings =
        GpuSettings.of(Options.of("gpu", Map.of("device", "cpu", "threads", "1")));
    boolean onDevice = Boolean.parseBoolean(arguments[1]);
    try (LanguageModel model =
        OnnxModel.load(Path.of(arguments[0]), settings, engine -> onDevice)) {
      List<Session> sessions = new ArrayList<>();
      // half as many before, while code is still being compiled
      for (int step = -STEPS / 2; step <= STEPS; step++) {
        step(model, sessions, random);
        if (step > 0 && step % (STEPS / SAMPLES) == 0) {
          System.out.println(resident());
        }
      }
      sessions.forEach(Session::close);
    }
  }

  private static void step(LanguageModel model, List<Session> sessions, Random random) {
    if (sessions.size() < SESSIONS) {
      sessions.add(model.open());
    }
    int which = random.nextInt(sessions.size());
    Session session = sessions.get(which);
    switch (random.nextInt(40)) {
      case 0 -> sessions.remove(which).close();
      case 1 -> sessions.set(random.nextInt(sessions.size()), session.fork()).close();
      case 2 -> session.truncate(random.nextInt(session.length() + 1));
      case 3 -> cancel(model, session);
      case 4, 5, 6 -> together(model, sessions, random);
      default -> {
        if (session.remaining() < 4) {
          session.truncate(0);
        }
        session.append(random.ints(1 + random.nextInt(3), 0, 17).toArray(), new float[1][17]);
      }
    }
  }

  private static void together(LanguageModel model, List<Session> sessions, Random random) {
    List<Append> batch = new ArrayList<>();
    for (Session session : sessions) {
      if (session.remaining() > 0) {
        batch.add(Append.of(session, new int[] {random.nextInt(17)}, new float[1][17]));
      }
    }
    model.forward(batch, Cancellation.none());
  }

  private static void cancel(LanguageModel model, Session session) {
    if (session.remaining() < 2) {
      return;
    }
    try {
      model.forward(List.of(Append.of(session, new int[] {1, 2})), () -> true);
      throw new AssertionError("not cancelled");
    } catch (CancellationException e) {
      // as it should be
    }
  }

  /** In kB. */
  private static long resident() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
