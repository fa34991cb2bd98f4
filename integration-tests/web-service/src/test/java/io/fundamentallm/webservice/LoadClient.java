package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Load on a service of this machine: streams of completions over many connections for a while, some
 * of which are left in the middle; then clients that hang up one by one, with the time until the
 * service has freed their place. Ends by itself, and talks to no other machine.
 *
 * <pre>java LoadClient PORT [PROCESS [CONNECTIONS [SECONDS [MAX_TOKENS [KEY [tools]]]]]]</pre>
 *
 * <p>With the number of the service's process, its memory is told too. With {@code tools} it asks
 * for chats instead, which share a long beginning that the service remembers, and of which every
 * other one must call one of three tools.
 */
final class LoadClient {
  private static final int MAX_CONNECTIONS = 256;
  private static final int MAX_SECONDS = 600;
  private static final long MAX_REQUESTS = 1_000_000;

  /** Every so many requests a client hangs up after a few events. */
  private static final int HANG_UP = 20;

  private static final int SINGLE_HANG_UPS = 20;

  private static final Pattern PROMPT = Pattern.compile("\"prompt_tokens\":([0-9]+)");
  private static final Pattern CACHED = Pattern.compile("\"cached_tokens\":([0-9]+)");

  /** What all chats begin with. */
  private static final String SHARED = "You are brief, and look things up. ".repeat(40);

  private static final String CHAT =
      """
      "messages": [{"role": "system", "content": "%s"}, {"role": "user", "content": "Number %d?"}],
      "tool_choice": "%s", "parallel_tool_calls": false, "tools": [
       {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
        "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"]}}},
       {"type": "function", "function": {"name": "time", "parameters": {"type": "object",
        "properties": {"zone": {"type": "integer", "minimum": -12, "maximum": 14}}, "required": ["zone"]}}},
       {"type": "function", "function": {"name": "note", "parameters": {"type": "object",
        "properties": {"text": {"type": "string", "maxLength": 12}, "urgent": {"type": "boolean"}},
        "required": ["text", "urgent"]}}}]""";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI service;
  private final String key;
  private final int maxTokens;
  private final boolean tools;

  private final Map<String, AtomicLong> outcomes = new ConcurrentSkipListMap<>();
  private final ConcurrentLinkedQueue<Long> firstTokens = new ConcurrentLinkedQueue<>();
  private final AtomicLong tokens = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong promptTokens = new AtomicLong();
  private final AtomicLong cachedTokens = new AtomicLong();

  private LoadClient(int port, String key, int maxTokens, boolean tools) {
    this.tools = tools;
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    service = URI.create("http://" + host + ":" + port);
    this.key = key;
    this.maxTokens = maxTokens;
  }

  /** Runs, and prints a table. */
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    String process = arguments.length > 1 ? arguments[1] : "";
    int connections = bounded(arguments, 2, 64, MAX_CONNECTIONS);
    int seconds = bounded(arguments, 3, 60, MAX_SECONDS);
    int maxTokens = bounded(arguments, 4, 64, 4_096);
    String key = arguments.length > 5 ? arguments[5] : "";
    boolean tools = arguments.length > 6 && arguments[6].equals("tools");
    LoadClient load = new LoadClient(port, key, maxTokens, tools);
    load.run(connections, Duration.ofSeconds(seconds), process);
  }

  private static int bounded(String[] arguments, int index, int defaultValue, int max) {
    int value = arguments.length > index ? Integer.parseInt(arguments[index]) : defaultValue;
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(value + " is not from 1 to " + max);
    }
    return value;
  }

  private void run(int connections, Duration time, String process) throws Exception {
    long begun = System.nanoTime();
    long end = begun + time.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      Thread thread = new Thread(() -> requests(end));
      threads.add(thread);
      thread.start();
    }
    List<Long> memory = new ArrayList<>();
    while (System.nanoTime() < end) {
      Thread.sleep(1_000);
      memory.add(residentKilobytes(process));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double took = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "| connections | seconds | tokens of an answer | answers | tokens/s | first token, p50 |"
            + " first token, p99 | prompt tokens, cached | MB resident, second quarter |"
            + " last quarter |%n|---|---|---|---|---|---|---|---|---|---|%n");
    System.out.printf(
        "| %d | %.0f | %d | %s | %.0f | %.0f ms | %.0f ms | %d, %d | %s | %s |%n%n",
        connections,
        took,
        maxTokens,
        outcomes,
        tokens.get() / took,
        percentile(List.copyOf(firstTokens), 0.5) / 1e6,
        percentile(List.copyOf(firstTokens), 0.99) / 1e6,
        promptTokens.get(),
        cachedTokens.get(),
        quarter(memory, 1),
        quarter(memory, 3));
    hangUps();
  }

  private void requests(long end) {
    while (System.nanoTime() < end && requests.get() < MAX_REQUESTS) {
      long number = requests.incrementAndGet();
      String outcome;
      try {
        outcome = stream(number, number % HANG_UP == 0);
        if (outcome.equals("429")) {
          Thread.sleep(100);
        }
      } catch (IOException e) {
        outcome = e.getClass().getSimpleName();
      } catch (InterruptedException e) {
        return;
      }
      outcomes.computeIfAbsent(outcome, key -> new AtomicLong()).incrementAndGet();
    }
  }

  /** One answer; says how it ended. */
  private String stream(long number, boolean hangUp) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    HttpResponse<InputStream> response =
        client.send(completion(number, maxTokens), BodyHandlers.ofInputStream());
    int events = 0;
    boolean done = false;
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (response.statusCode() == 200 && line.startsWith("data: {")) {
          if (events++ == 0) {
            firstTokens.add(System.nanoTime() - begun);
          }
          if (line.contains("\"choices\":[]")) {
            promptTokens.addAndGet(number(PROMPT, line));
            cachedTokens.addAndGet(number(CACHED, line));
            continue;
          }
          tokens.incrementAndGet();
          if (hangUp && events == 3) {
            return "hung up";
          }
        }
        done |= line.equals("data: [DONE]");
      }
    }
    return response.statusCode() != 200 || done
        ? String.valueOf(response.statusCode())
        : "200, cut off";
  }

  private static long number(Pattern key, String line) {
    Matcher found = key.matcher(line);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  private HttpRequest completion(long number, int length) {
    String asked =
        tools
            ? CHAT.formatted(SHARED, number, number % 2 == 0 ? "required" : "none")
            : "\"prompt\": \"It is a truth universally acknowledged, number " + number + ", \"";
    String body =
        "{%s, \"stream\": true, \"stream_options\": {\"include_usage\": true}, \"seed\": %d, \"max_tokens\": %d%s}"
            .formatted(asked, number, length, tools ? "" : ", \"logprobs\": 0");
    return request(tools ? "/v1/chat/completions" : "/v1/completions")
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(service.resolve(path))
        .timeout(Duration.ofMinutes(2))
        .header("Authorization", "Bearer " + key);
  }

  /** Clients that leave one after the other, while nobody else is there. */
  private void hangUps() throws IOException, InterruptedException {
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < SINGLE_HANG_UPS; i++) {
      awaitRunning(0);
      HttpResponse<InputStream> response =
          client.send(completion(i, 4_096), BodyHandlers.ofInputStream());
      BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
      for (int line = 0; line < 6; line++) {
        lines.readLine();
      }
      boolean runs = running() == 1;
      long begun = System.nanoTime();
      lines.close();
      awaitRunning(0);
      if (runs) {
        times.add(System.nanoTime() - begun);
      }
    }
    System.out.printf(
        "| hang-ups alone | place free after, p50 | the longest |%n|---|---|---|%n| %d | %.0f ms | %.0f ms |%n",
        times.size(), percentile(times, 0.5) / 1e6, percentile(times, 1) / 1e6);
  }

  private void awaitRunning(int count) throws IOException, InterruptedException {
    for (int i = 0; i < 100_000 && running() != count; i++) {
      Thread.sleep(1);
    }
  }

  private int running() throws IOException, InterruptedException {
    String metric =
        client
            .send(
                request("/actuator/metrics/fundamentallm.requests.running").build(),
                BodyHandlers.ofString())
            .body();
    Matcher value = Pattern.compile("\"value\":([0-9.]+)").matcher(metric);
    if (!value.find()) {
      throw new IOException("no figure: " + metric);
    }
    return (int) Double.parseDouble(value.group(1));
  }

  private static double percentile(List<Long> values, double part) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.isEmpty()
        ? Double.NaN
        : sorted.get(Math.min(sorted.size() - 1, (int) (part * sorted.size())));
  }

  private static long residentKilobytes(String process) throws IOException {
    Path status = Path.of("/proc", process, "status");
    if (process.isEmpty() || !Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    }
  }

  /** The mean of one of four parts of the time. */
  private static String quarter(List<Long> kilobytes, int quarter) {
    int from = kilobytes.size() * quarter / 4;
    int to = kilobytes.size() * (quarter + 1) / 4;
    double mean =
        kilobytes.subList(from, to).stream().mapToLong(Long::longValue).average().orElse(0);
    return mean == 0 ? "" : String.format("%.0f", mean / 1024);
  }
}
