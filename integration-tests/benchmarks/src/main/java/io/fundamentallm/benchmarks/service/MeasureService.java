package io.fundamentallm.benchmarks.service;

import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the web service's container takes: the size of runtime and service on top of the base image,
 * the time from the process's start until it is ready and until it has answered, and its resident
 * memory then, on random models. The model's file is in the system's page cache: it is read once
 * before.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * service=integration-tests/web-service/target/fundamentallm-web-service-0.1.0-SNAPSHOT.jar
 * dockerfile=integration-tests/web-service/container/Dockerfile
 * shape=S,M                    others as well
 * weights=F32,Q8_0             also BF16
 * tokens=256                   of the answer
 * rounds=3
 * work=DIR                     where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>The heap is what the checklist for production says: the weights, a twentieth more, and 200
 * MiB. Memory is Linux's VmRSS, which counts pages of the mapped file, and VmHWM, the most that it
 * was. Medians of the rounds.
 */
public final class MeasureService {
  private static final long SERVICE_HEAP = 200L << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration PROBE = Duration.ofSeconds(2);
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  private final Arguments arguments;
  private final HttpClient client = HttpClient.newHttpClient();

  private MeasureService(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Measures what the arguments say. */
  public static void main(String[] commandLine) throws IOException, InterruptedException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put(
        "service",
        "integration-tests/web-service/target/fundamentallm-web-service-0.1.0-SNAPSHOT.jar");
    defaults.put("dockerfile", "integration-tests/web-service/container/Dockerfile");
    defaults.put("shape", "S,M");
    defaults.put("weights", "F32,Q8_0");
    defaults.put("tokens", "256");
    defaults.put("rounds", "3");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    new MeasureService(Arguments.of(commandLine, defaults)).run();
  }

  private void run() throws IOException, InterruptedException {
    System.out.println(Machine.description());
    Path folder = Files.createTempDirectory("service-image");
    try {
      measure(
          ServiceImage.make(
              Path.of(arguments.text("dockerfile")), Path.of(arguments.text("service")), folder));
    } finally {
      ServiceImage.delete(folder);
    }
  }

  private void measure(ServiceImage image) throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "image, without its base: %.0f MiB of runtime, %.0f MiB of service%n",
        mebibytes(ServiceImage.size(image.runtime())),
        mebibytes(ServiceImage.size(image.service())));
    ModelFiles files = new ModelFiles(Path.of(arguments.text("work")));
    for (String shape : arguments.list("shape")) {
      for (String weights : arguments.list("weights")) {
        Path model = files.gguf(Shape.valueOf(shape), weights(weights));
        try (InputStream in = Files.newInputStream(model)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
        measure(image, shape + " " + weights, model);
      }
    }
  }

  private static GgufWeights weights(String name) {
    return switch (name) {
      case "F32" -> GgufWeights.F32;
      case "BF16" -> GgufWeights.BF16;
      case "Q8_0" -> GgufWeights.Q8_0;
      default -> throw new IllegalArgumentException("no such form: " + name);
    };
  }

  private void measure(ServiceImage image, String name, Path model)
      throws IOException, InterruptedException {
    long heap = (Files.size(model) * 21 / 20 + SERVICE_HEAP) >> 20;
    Map<String, List<Double>> seen = new LinkedHashMap<>();
    for (int round = 0; round < arguments.number("rounds"); round++) {
      round(image, model, heap)
          .forEach((what, value) -> seen.computeIfAbsent(what, k -> new ArrayList<>()).add(value));
    }
    System.out.printf(
        Locale.ROOT,
        "%s, a file of %.0f MiB, with -Xmx%dm, load average %.1f%n",
        name,
        mebibytes(Files.size(model)),
        heap,
        Machine.load());
    seen.forEach(
        (what, values) -> {
          List<Double> sorted = values.stream().sorted().toList();
          System.out.printf(
              Locale.ROOT,
              "  %-32s %8.1f (%.1f to %.1f)%n",
              what,
              sorted.get(sorted.size() / 2),
              sorted.get(0),
              sorted.get(sorted.size() - 1));
        });
  }

  /** One life of the service: figures by what they are of. */
  private Map<String, Double> round(ServiceImage image, Path model, long heap)
      throws IOException, InterruptedException {
    int port = freePort();
    Path log = Files.createTempFile("service", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(image.command())
            .directory(image.service().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("JDK_JAVA_OPTIONS", image.options() + " -Xmx" + heap + "m");
    builder.environment().put("FUNDAMENTALLM_MODEL", model.toAbsolutePath().toString());
    builder.environment().put("SERVER_PORT", String.valueOf(port));
    Map<String, Double> seen = new LinkedHashMap<>();
    long begun = System.nanoTime();
    Process process = builder.start();
    try {
      URI service = URI.create("http://127.0.0.1:" + port + "/");
      while (!ready(service.resolve("actuator/health/readiness"))) {
        if (!process.isAlive() || seconds(begun) > PATIENCE.toSeconds()) {
          throw new IOException("the service does not start:\n" + Files.readString(log));
        }
        Thread.sleep(10);
      }
      seen.put("s until it is ready", seconds(begun));
      seen.put("s of processors until then", processors(process));
      seen.put("MiB resident, ready", memory(process, "VmRSS:"));
      answer(service.resolve("v1/completions"), 1);
      seen.put("s until it has answered", seconds(begun));
      answer(service.resolve("v1/completions"), arguments.number("tokens"));
      seen.put("MiB resident, after an answer", memory(process, "VmRSS:"));
      seen.put("MiB resident, at most", memory(process, "VmHWM:"));
      return seen;
    } finally {
      process.destroy();
      if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Files.delete(log);
    }
  }

  private boolean ready(URI probe) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(probe).timeout(PROBE).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // nothing listens yet, or hangs up, or keeps silent
    }
  }

  private void answer(URI completions, int tokens) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(completions)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"prompt\": \"It is a truth\", \"ignore_eos\": true, \"max_tokens\": "
                        + tokens
                        + "}"))
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(response.statusCode() + ": " + response.body());
    }
  }

  /** One of Linux's figures of a process, in MiB. */
  private static double memory(Process process, String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      String[] words = line.split("\\s+", -1);
      if (words[0].equals(key)) {
        return Long.parseLong(words[1]) / 1024.0;
      }
    }
    throw new IOException("the system does not tell " + key);
  }

  /** Seconds of all processors together, which others on the machine hardly change. */
  private static double processors(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() * 1e-3;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) * 1e-9;
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }
}
