package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.TinyChat;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
  @TempDir Path folder;

  private String failure(@Nullable Path model, String... options) throws Exception {
    return failure(Map.of(), model, options);
  }

  private String failure(Map<String, String> environment, @Nullable Path model, String... options)
      throws Exception {
    Path log = folder.resolve("log.txt");
    Map<String, String> all = new HashMap<>(environment);
    all.put("FUNDAMENTALLM_APIKEY", Server.KEY);
    Process process = Server.launch(log, Unpacked.arguments(), all, model, options);
    try {
      assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(log);
    assertThat(process.exitValue()).as(printed).isEqualTo(1);
    assertThat(printed).doesNotContain("\tat ", " WARN ", Server.KEY);
    assertThat(printed.lines().filter(line -> line.contains(" ERROR ")).count())
        .as(printed)
        .isLessThanOrEqualTo(1);
    return printed;
  }

  @Test
  void a_directory_that_is_missing_ends_the_start_with_one_message() throws Exception {
    assertThat(failure(folder.resolve("absent")))
        .contains("absent does not exist", "--fundamentallm.model=PATH");
  }

  @Test
  void so_does_one_that_no_runtime_can_load() throws Exception {
    assertThat(failure(folder)).contains("cannot be loaded", "tokenizer.json");
  }

  @Test
  void a_file_is_taken_for_a_model_and_told_by_its_name_where_it_is_broken() throws Exception {
    Path cut = Files.writeString(folder.resolve("cut.gguf"), "GGUF");
    assertThat(failure(cut)).contains("cannot be loaded", "cut.gguf").doesNotContain("exist");
  }

  @Test
  void a_key_that_no_client_can_send_is_refused_and_not_shown() throws Exception {
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.api-key=s\u00e9same-74"))
        .contains("fundamentallm.api-key", "printable ASCII")
        .doesNotContain("same-74");
  }

  @Test
  void a_heap_that_is_too_small_is_told_with_the_one_to_give() throws Exception {
    Path large = LargeModel.write(Files.createDirectory(folder.resolve("large")), 8);

    String printed = failure(Map.of("JDK_JAVA_OPTIONS", "-Xmx128m"), large);

    assertThat(printed)
        .contains("does not fit into the heap", "weights take 257 MiB", "-Xmx512m", "weights=int8")
        .doesNotContain("OutOfMemoryError");
    assertThat(printed.lines().count()).as(printed).isLessThan(30);
  }

  @Test
  void a_setting_that_there_is_none_of_is_named_without_its_value() throws Exception {
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.api-kye=not-to-be-shown"))
        .contains("did you mean fundamentallm.api-key?", "--help")
        .doesNotContain("not-to-be-shown");
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.models.qwen3-1.7b.path=x"))
        .contains("did you mean fundamentallm.models.[qwen3-1.7b].path?", "stands in brackets");
  }

  @Test
  void without_a_model_the_argument_is_named_and_a_misspelt_one_first() throws Exception {
    assertThat(failure(null)).contains("no model is named", "--fundamentallm.model=DIR");
    assertThat(failure(null, "--fundamentallm.modle=" + TinyChat.longContext()))
        .contains("no setting fundamentallm.modle", "did you mean fundamentallm.model?");
    assertThat(failure(Map.of("FUNDAMENTALLM_MODLE", "x"), null))
        .contains("the environment variable FUNDAMENTALLM_MODLE", "mean FUNDAMENTALLM_MODEL?");
  }

  @Test
  void a_port_or_an_address_that_there_is_none_of_is_told_before_anything_is_read()
      throws Exception {
    for (String port : new String[] {"99999", "-1", "99999999999"}) {
      assertThat(failure(folder, "--server.port=" + port))
          .contains("server.port is " + port + ", which is no port", "from 1 to 65535");
    }
    for (String address : new String[] {"203.0.113.7", "no-such-host.invalid"}) {
      assertThat(failure(folder, "--server.address=" + address))
          .contains(
              "server.address is " + address + ", which is no address of this machine",
              "0.0.0.0 for all");
    }
  }

  @Test
  void a_wrong_runtime_or_place_for_prompts_is_told_by_its_setting() throws Exception {
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.runtime=tpu"))
        .contains("no runtime named \"tpu\"", "fundamentallm.runtime");
    Path file = Files.writeString(folder.resolve("file.txt"), "");
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.prefix-cache.directory=" + file))
        .contains("fundamentallm.prefix-cache.directory cannot be used", "file.txt")
        .doesNotContain("--fundamentallm.model=PATH");
  }

  @Test
  void the_help_is_printed_without_a_start() throws Exception {
    Run run =
        Run.of(
            folder,
            Jdk.running().command(List.of("-jar", Server.jar().toString(), "--help")),
            "",
            Map.of());

    assertThat(run.succeeded())
        .contains("fundamentallm.limits.running", "from 1 to 1024; by default 32")
        .doesNotContain("WebService", "Spring Boot ::");
  }

  @Test
  void an_origin_that_no_browser_sends_is_refused() throws Exception {
    assertThat(
            failure(TinyChat.longContext(), "--fundamentallm.allowed-origins=https://app.example/"))
        .contains("fundamentallm.allowed-origins", "https://app.example/", "without a path");
  }

  @Test
  void settings_out_of_range_are_named() throws Exception {
    assertThat(
            failure(
                TinyChat.longContext(),
                "--fundamentallm.limits.running=0",
                "--fundamentallm.limits.time=0s"))
        .contains("fundamentallm.limits.running is \"0\"", "fundamentallm.limits.time is \"0s\"");
    assertThat(failure(Map.of("FUNDAMENTALLM_LIMITS_RUNNING", "abc"), TinyChat.longContext()))
        .contains("is \"abc\"", "expected a whole number from 1 to 1024")
        .doesNotContain("java.lang", "jakarta");
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.sampler=hot=1"))
        .contains("fundamentallm.sampler cannot be \"hot=1\": no sampler stage named \"hot\"")
        .doesNotContain("FUNDAMENTALLM_MODEL", "fundamentallm.decoder");
    assertThat(failure(TinyChat.longContext(), "--fundamentallm.decoder=beam(wdth=4)"))
        .contains("fundamentallm.decoder cannot be \"beam(wdth=4)\": ", "width", "beam(width=4)")
        .doesNotContain("fundamentallm.sampler");
  }

  @Test
  void a_model_without_a_template_continues_prompts_and_says_why_it_does_not_chat()
      throws Exception {
    try (Server server =
        Server.start(
            TinyChat.copy(TinyChat.longContext(), folder.resolve("plain"), false),
            "--fundamentallm.api-key=", // empty: none is asked for
            "--fundamentallm.model-name=org/plain",
            "--fundamentallm.sampler=greedy",
            "--fundamentallm.decoder=speculative",
            "--fundamentallm.runtime=cpu(weights=int8)")) {
      HttpResponse<String> chat =
          server.post(
              "/v1/chat/completions",
              "{\"messages\": [{\"role\": \"user\", \"content\": \"I am Ann\"}]}");

      assertThat(chat.statusCode()).isEqualTo(400);
      assertThat(chat.body()).contains("chat template", "/v1/completions");
      assertThat(
              server
                  .ask("/v1/completions", "{\"prompt\": \"user\\nI am Ann\\nassistant\\n\"}")
                  .at("/choices/0/text")
                  .stringValue())
          .isEqualTo("hello Ann");
      assertThat(server.send(HttpRequest.newBuilder(server.uri("/v1/models"))).statusCode())
          .isEqualTo(200);
      assertThat(server.log()).contains("int8");
      a_name_may_have_a_slash(server);
    }
  }

  private static void a_name_may_have_a_slash(Server server) throws Exception {
    for (String path : List.of("org/plain", "org%2Fplain")) {
      HttpResponse<String> model = server.get("/v1/models/" + path);
      assertThat(model.statusCode()).as(model.body()).isEqualTo(200);
      assertThat(Server.json(model.body()).get("id").stringValue()).isEqualTo("org/plain");
    }
    assertThat(server.get("/v1/models/org/other").statusCode()).isEqualTo(404);
    assertThat(server.get("/v1/models/org").statusCode()).isEqualTo(404);
  }
}
