package io.fundamentallm.webservice;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.TinyChat;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The service in a process of its own, on a port of this machine alone: the one that most tests
 * share as it is packed, others unpacked for a quicker start.
 */
public final class Server implements AutoCloseable {
  /** What the service asks for, unless its options say otherwise. */
  public static final String KEY = "sesame-open-74";

  /** What runs and waits in the shared one. */
  static final int RUNNING = 2;

  static final int WAITING = 1;

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final JsonMapper JSON = new JsonMapper();

  private static Server shared;

  private final Process process;
  private final Path log;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  private Server(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /** The one that is started once for all tests: with a key, small limits, and every log on. */
  static synchronized Server shared() throws IOException, InterruptedException {
    if (shared == null) {
      shared =
          start(
              List.of("-jar", jar().toString()),
              TinyChat.longContext(),
              "--fundamentallm.model-name=tiny",
              "--fundamentallm.limits.running=" + RUNNING,
              "--fundamentallm.limits.waiting=" + WAITING,
              "--fundamentallm.limits.body=128KB",
              "--fundamentallm.limits.alternatives=300",
              "--fundamentallm.limits.unread=1h",
              "--logging.level.root=TRACE");
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  /** Starts one, unpacked, and waits until it listens. */
  public static Server start(Path model, String... options)
      throws IOException, InterruptedException {
    return start(Unpacked.arguments(), model, options);
  }

  /** Starts one with more on its class path. */
  static Server startWith(String classPath, Path model, String... options)
      throws IOException, InterruptedException {
    List<String> unpacked = Unpacked.arguments();
    String jar = unpacked.get(unpacked.size() - 1);
    return start(
        List.of("-cp", jar + File.pathSeparator + classPath, WebService.class.getName()),
        model,
        options);
  }

  private static Server start(List<String> program, Path model, String... options)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile(Path.of("target").toAbsolutePath(), "server", ".log");
    Map<String, String> environment = Map.of("FUNDAMENTALLM_APIKEY", KEY);
    return started(launch(log, program, environment, model, options), log);
  }

  /** Waits until a process listens that was launched with this log. */
  static Server started(Process process, Path log) throws IOException, InterruptedException {
    Pattern listening = Pattern.compile("Netty started on port ([0-9]+)");
    long begun = System.nanoTime();
    while (process.isAlive() && System.nanoTime() - begun < PATIENCE.toNanos()) {
      Matcher found = listening.matcher(Files.readString(log));
      if (found.find() && Files.readString(log).contains("Started WebService")) {
        return new Server(process, log, Integer.parseInt(found.group(1)));
      }
      Thread.sleep(50);
    }
    process.destroyForcibly();
    throw new AssertionError("the service did not start:\n" + Files.readString(log));
  }

  /**
   * Starts the process; its output goes to the log.
   *
   * @param program what comes behind {@code java}
   */
  static Process launch(
      Path log,
      List<String> program,
      Map<String, String> environment,
      @Nullable Path model,
      String... options)
      throws IOException {
    List<String> all = new ArrayList<>(program);
    if (List.of(options).stream().noneMatch(option -> option.startsWith("--server.port="))) {
      all.add("--server.port=0");
    }
    if (model != null) {
      all.add("--fundamentallm.model=" + model);
    }
    all.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(Jdk.running().command(all))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** As the build names it: an older one may lie beside it. */
  static Path jar() {
    String version = System.getProperty("service.version");
    return Path.of("target", "fundamentallm-web-service-" + version + ".jar").toAbsolutePath();
  }

  int port() {
    return port;
  }

  /** Where the service has this path. */
  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** All that was logged so far. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** A request with the key. */
  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + KEY);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  /** The answer to a request that is a good one. */
  JsonNode ask(String path, String json) throws IOException, InterruptedException {
    HttpResponse<String> response = post(path, json);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }

  /**
   * Sends a request for completions over a connection of its own, and reads nothing of the answer.
   */
  Socket open(String json) throws IOException {
    return open("/v1/completions", json);
  }

  /** The same for another of the addresses. */
  Socket open(String path, String json) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096); // so that not much lies between the two
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    byte[] body = json.getBytes(UTF_8);
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + KEY
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(UTF_8));
    socket.getOutputStream().write(body);
    socket.getOutputStream().flush();
    return socket;
  }

  public static JsonNode json(String text) {
    return JSON.readTree(text);
  }

  /** A figure of the service: its value, or how often there was one. */
  public double metric(String name) throws IOException, InterruptedException {
    return measurement(name, 0);
  }

  /** The sum of what a figure was. */
  double total(String name) throws IOException, InterruptedException {
    return measurement(name, 1);
  }

  private double measurement(String name, int index) throws IOException, InterruptedException {
    JsonNode metric = json(get("/actuator/metrics/" + name).body());
    return metric.get("measurements").get(index).get("value").doubleValue();
  }

  /** Waits until something is so. */
  public static void await(String what, BooleanSupplier isSo) throws InterruptedException {
    long begun = System.nanoTime();
    while (!isSo.getAsBoolean()) {
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      Thread.sleep(5);
    }
  }

  /** Waits until so many requests run. */
  public void awaitRunning(int count) throws InterruptedException {
    await(count + " requests run", () -> is("fundamentallm.requests.running", count));
  }

  /** Whether a figure has this value. */
  public boolean is(String metric, double value) {
    try {
      return metric(metric) == value;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Ends it as an operator does. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the service did not end");
    }
    return process.exitValue();
  }

  /** At once: an orderly end takes seconds, and is for the tests that look at it. */
  @Override
  public void close() {
    try {
      process.destroyForcibly().onExit().get(1, TimeUnit.MINUTES);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the service did not end", e);
    }
  }
}
