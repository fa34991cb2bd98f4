package io.fundamentallm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.fixtures.StubHub;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelHubTest {
  private static final int SIZE = 300_000;

  @TempDir Path folder;
  private final StubHub stub = new StubHub();
  private final byte[] weights = new byte[SIZE];
  private final byte[] config = "{\"model_type\":\"llama\"}\n".getBytes(StandardCharsets.UTF_8);

  @BeforeEach
  void fill() {
    new Random(5).nextBytes(weights);
    stub.files.put("config.json", config);
    stub.files.put("empty.txt", new byte[0]);
    stub.files.put("model.safetensors", weights);
    stub.files.put("pytorch_model.bin", new byte[9]);
    stub.files.put("onnx/model.onnx", new byte[9]);
  }

  @AfterEach
  void stop() {
    stub.close();
  }

  private ModelHub hub() {
    return hub(Duration.ofSeconds(20));
  }

  private ModelHub hub(Duration patience) {
    HubSettings settings = new HubSettings(stub.endpoint(), folder.resolve("cache"), null, false);
    return ModelHub.of(settings, patience, Duration.ofMillis(1));
  }

  private Path repository() {
    return folder.resolve("cache/models--tiny--model");
  }

  @Test
  void the_cache_has_the_layout_of_hugging_faces_own() throws Exception {
    Path snapshot = hub().download(StubHub.REPOSITORY);

    assertThat(snapshot).isEqualTo(repository().resolve("snapshots").resolve(StubHub.COMMIT));
    assertThat(repository().resolve("refs/main")).hasContent(StubHub.COMMIT);
    assertThat(repository().resolve("blobs").resolve(StubHub.sha256(weights)))
        .hasBinaryContent(weights);
    Path link = snapshot.resolve("config.json");
    assertThat(Files.readSymbolicLink(link))
        .isEqualTo(Path.of("..", "..", "blobs", StubHub.gitSha1(config)));
    assertThat(link).hasBinaryContent(config);
    try (Stream<Path> names = Files.list(snapshot)) {
      assertThat(names.map(name -> name.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "empty.txt", "model.safetensors");
    }
    try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
      assertThat(blobs).hasSize(3).noneMatch(blob -> blob.toString().endsWith(".incomplete"));
    }
  }

  @Test
  void what_is_there_is_not_downloaded_again() throws Exception {
    hub().download(StubHub.REPOSITORY);
    stub.requests.clear();
    hub().download(StubHub.REPOSITORY);
    assertThat(stub.downloads()).isEmpty();
  }

  @Test
  void a_torn_transfer_goes_on_where_it_ended() throws Exception {
    stub.cuts.addAll(List.of(config.length, 0, 100_000, 50_000));
    Path snapshot = hub().download(StubHub.REPOSITORY);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(stub.downloads())
        .filteredOn(StubHub.Request::cdn)
        .extracting(StubHub.Request::range)
        .containsExactly("", "bytes=100000-", "bytes=150000-");
  }

  @Test
  void a_later_process_goes_on_too() throws Exception {
    ModelHub hub = hub().withFiles("*.safetensors");
    stub.cuts.addAll(List.of(100_000, 0, 0, 0, 0, 0));
    assertThatThrownBy(() -> hub.download(StubHub.REPOSITORY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "model.safetensors: 5 attempts in a row failed at byte 100000 of 300000")
        .hasMessageContaining("goes on from there");
    assertThat(repository().resolve("refs")).doesNotExist();
    stub.cuts.clear();
    stub.requests.clear();

    hub.download(StubHub.REPOSITORY);
    assertThat(stub.downloads())
        .filteredOn(StubHub.Request::cdn)
        .extracting(StubHub.Request::range)
        .containsExactly("bytes=100000-");
  }

  @Test
  void a_server_without_ranges_begins_again() throws Exception {
    stub.ranges = false;
    stub.cuts.addAll(List.of(100_000));
    Path snapshot = hub().withFiles("*.safetensors").download(StubHub.REPOSITORY);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void a_busy_server_is_asked_again() throws Exception {
    stub.refusals.addAll(List.of(503, 429, 500));
    Path snapshot = hub().withFiles("*.safetensors").download(StubHub.REPOSITORY);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void a_silent_server_is_given_up_and_asked_again() throws Exception {
    stub.silent = true;
    stub.cuts.add(70_000);
    Path snapshot =
        hub(Duration.ofMillis(500)).withFiles("*.safetensors").download(StubHub.REPOSITORY);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "*.safetensors"})
  void a_wrong_checksum_is_refused_and_nothing_stays(String files) throws Exception {
    stub.corrupt = true;
    assertThatThrownBy(() -> hub().withFiles(files).download(StubHub.REPOSITORY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("what arrived is not what the hub names");
    try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
      assertThat(blobs).isEmpty();
    }
  }

  @Test
  void a_partial_file_with_other_bytes_is_thrown_away() throws Exception {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    Path partial = blobs.resolve(StubHub.sha256(weights) + ".incomplete");
    for (int size : new int[] {10, SIZE, SIZE + 1}) {
      Files.write(partial, new byte[size]);
      Path snapshot = hub().withFiles("*.safetensors").download(StubHub.REPOSITORY);
      assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
      Files.delete(blobs.resolve(StubHub.sha256(weights)));
    }
  }

  @Test
  void the_token_goes_to_the_hub_and_to_no_other_host() throws Exception {
    stub.isPrivate = true;
    hub().withToken(StubHub.TOKEN).download(StubHub.REPOSITORY);
    assertThat(stub.requests)
        .filteredOn(request -> !request.cdn())
        .isNotEmpty()
        .allMatch(request -> request.authorization().equals("Bearer " + StubHub.TOKEN));
    assertThat(stub.requests)
        .filteredOn(StubHub.Request::cdn)
        .isNotEmpty()
        .allMatch(request -> request.authorization().isEmpty());
    assertThat(hub().withToken(StubHub.TOKEN).toString()).doesNotContain(StubHub.TOKEN);
  }

  @Test
  void refusals_say_what_to_do_and_can_be_told_apart() {
    stub.isPrivate = true;
    assertThatThrownBy(() -> hub().download(StubHub.REPOSITORY))
        .isInstanceOfSatisfying(
            HubException.class,
            e -> {
              assertThat(e.status()).isEqualTo(401);
              assertThat(e.code()).isEqualTo("RepoNotFound");
            })
        .hasMessageContaining("HF_TOKEN");
    assertThatThrownBy(() -> hub().withToken("wrong").download(StubHub.REPOSITORY))
        .isInstanceOfSatisfying(HubException.class, e -> assertThat(e.status()).isEqualTo(404))
        .hasMessageContaining("not visible with this token");
    stub.isPrivate = false;
    stub.gated = true;
    assertThatThrownBy(() -> hub().download(StubHub.REPOSITORY))
        .isInstanceOfSatisfying(
            HubException.class, e -> assertThat(e.code()).isEqualTo("GatedRepo"))
        .hasMessageContaining("gives access on request");
    assertThatThrownBy(() -> hub().withRevision("v9").download(StubHub.REPOSITORY))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("tiny/model at v9: the repository has no such revision (404");
    assertThatThrownBy(() -> hub().withFiles("*.gguf").download(StubHub.REPOSITORY))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("has no file like *.gguf: it has config.json");
  }

  @Test
  void a_repository_without_safetensors_asks_which_of_its_weights() {
    stub.files.remove("model.safetensors");
    stub.files.put("m-Q4_K_M.gguf", new byte[5]);
    assertThatThrownBy(() -> hub().download(StubHub.REPOSITORY))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("Name what to download, of m-Q4_K_M.gguf");
  }

  @Test
  void a_moved_repository_is_found() throws Exception {
    stub.alsoKnownAs("old/name");
    Path snapshot = hub().withToken(StubHub.TOKEN).download("old/name");
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void offline_serves_what_the_cache_has_and_asks_nobody() throws Exception {
    Path snapshot = hub().download(StubHub.REPOSITORY);
    stub.requests.clear();
    assertThat(hub().offline().download(StubHub.REPOSITORY)).isEqualTo(snapshot);
    assertThat(hub().offline().withRevision(StubHub.COMMIT).download(StubHub.REPOSITORY))
        .isEqualTo(snapshot);
    Path copy = hub().offline().downloadInto(StubHub.REPOSITORY, folder.resolve("copy"));
    assertThat(copy.resolve("model.safetensors")).hasBinaryContent(weights).isRegularFile();
    assertThat(stub.requests).isEmpty();
    assertThatThrownBy(() -> hub().offline().withRevision("v1").download(StubHub.REPOSITORY))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("does not hold tiny/model at v1: download it once with a network");
  }

  @Test
  void a_tag_is_noted_and_a_commit_is_not() throws Exception {
    stub.revision = "refs/pr/1";
    hub().withRevision("refs/pr/1").download(StubHub.REPOSITORY);
    assertThat(repository().resolve("refs/refs/pr/1")).hasContent(StubHub.COMMIT);
    hub().withRevision(StubHub.COMMIT).download(StubHub.REPOSITORY);
    assertThat(repository().resolve("refs").resolve(StubHub.COMMIT)).doesNotExist();
  }

  @Test
  void a_directory_gets_plain_files_and_is_brought_up_to_date() throws Exception {
    Path directory = folder.resolve("model");
    ModelHub hub = hub();
    stub.cuts.addAll(List.of(config.length, 0, 1000));
    assertThat(hub.downloadInto(StubHub.REPOSITORY, directory)).isEqualTo(directory);
    assertThat(directory.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(Files.isSymbolicLink(directory.resolve("config.json"))).isFalse();
    assertThat(directory.resolve(".cache/huggingface/download/config.json.metadata"))
        .content()
        .startsWith(StubHub.COMMIT + "\n" + StubHub.gitSha1(config) + "\n");

    stub.requests.clear();
    hub.downloadInto(StubHub.REPOSITORY, directory);
    assertThat(stub.downloads()).isEmpty();

    Files.writeString(directory.resolve("config.json"), "{}");
    hub.downloadInto(StubHub.REPOSITORY, directory);
    assertThat(directory.resolve("config.json")).hasBinaryContent(config);
    assertThat(stub.downloads()).hasSize(1);
  }

  @Test
  void a_directory_is_filled_from_the_cache() throws Exception {
    hub().download(StubHub.REPOSITORY);
    stub.requests.clear();
    Path directory = hub().downloadInto(StubHub.REPOSITORY, folder.resolve("model"));
    assertThat(directory.resolve("model.safetensors")).hasBinaryContent(weights);
    assertThat(stub.downloads()).isEmpty();
  }

  /** A container runs as somebody else than whoever downloaded. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void others_may_read_what_any_new_file_lets_them_read() throws Exception {
    Path any = Files.writeString(folder.resolve("any.txt"), "x");
    Path snapshot = hub().download(StubHub.REPOSITORY);
    Path directory = hub().downloadInto(StubHub.REPOSITORY, folder.resolve("model"));
    for (Path file :
        List.of(
            snapshot.resolve("config.json"),
            repository().resolve("refs/main"),
            directory.resolve("model.safetensors"))) {
      assertThat(Files.getPosixFilePermissions(file))
          .as(file.toString())
          .isEqualTo(Files.getPosixFilePermissions(any));
    }
  }

  @Test
  void progress_is_told_to_the_end() throws Exception {
    List<String> told = new ArrayList<>();
    hub()
        .withFiles("*.safetensors")
        .withListener((file, done, size) -> told.add(file + " " + done + "/" + size))
        .download(StubHub.REPOSITORY);
    assertThat(told).hasSizeGreaterThan(1).last().isEqualTo("model.safetensors 300000/300000");
  }

  @Test
  void a_cancelled_download_stops_and_keeps_what_it_has() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ModelHub hub =
        hub()
            .withFiles("*.safetensors")
            .withCancellation(stop::get)
            .withListener((file, done, size) -> stop.set(done >= 70_000));
    stub.silent = true;
    stub.cuts.add(70_000);
    assertThatThrownBy(() -> hub.download(StubHub.REPOSITORY))
        .isInstanceOf(CancellationException.class);
    assertThat(
            repository().resolve("blobs").resolve(StubHub.sha256(weights) + ".incomplete").toFile())
        .hasSize(70_000);
  }

  @Test
  void two_downloads_of_one_model_do_not_mix() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    List<Throwable> failures = new ArrayList<>();
    Runnable one =
        () -> {
          try {
            both.countDown();
            both.await();
            hub().download(StubHub.REPOSITORY);
          } catch (IOException | InterruptedException e) {
            failures.add(e);
          }
        };
    Thread first = new Thread(one);
    Thread second = new Thread(one);
    first.start();
    second.start();
    first.join();
    second.join();
    assertThat(failures).isEmpty();
    assertThat(stub.downloads()).filteredOn(StubHub.Request::cdn).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../escape.json", "/etc/x.json", "a/../../b.json", "C:x.json", ""})
  void a_listing_with_a_path_out_of_the_directory_is_refused(String name) {
    stub.listing =
        "{\"sha\":\"" + StubHub.COMMIT + "\",\"siblings\":[{\"rfilename\":\"" + name + "\"}]}";
    assertThatThrownBy(() -> hub().download(StubHub.REPOSITORY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a file named \"" + name + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "{\"sha\":\"x\"}", "<html>"})
  void an_answer_that_is_no_listing_is_refused(String listing) {
    stub.listing = listing;
    assertThatThrownBy(() -> hub().download(StubHub.REPOSITORY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in a way not known here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b/c", "../x", "a/..", "a b", "https://x/y"})
  void names_are_checked_before_anything_is_asked(String name) {
    assertThatThrownBy(() -> hub().download(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected owner/name");
    assertThat(stub.requests).isEmpty();
  }

  @Test
  void a_hub_that_is_not_there_is_said_to_be_so() {
    URI nowhere = URI.create("http://localhost:1");
    assertThatThrownBy(() -> hub().withEndpoint(nowhere).download(StubHub.REPOSITORY))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("localhost:1: cannot be reached; ")
        .hasMessageContainingAll("-Dhttps.proxyHost", "HF_ENDPOINT", "HF_HUB_OFFLINE=1");
  }

  @Test
  void the_environment_is_read_as_hugging_faces_own_library_reads_it() throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    HubSettings bare = HubSettings.of(Map.of(), home);
    assertThat(bare.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(bare.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(bare.token()).isNull();

    Path hf = Files.createDirectories(folder.resolve("hf"));
    Files.writeString(hf.resolve("token"), StubHub.TOKEN + "\n");
    HubSettings set =
        HubSettings.of(
            Map.of(
                "HF_HOME", hf.toString(), "HF_ENDPOINT", "http://mirror:80", "HF_HUB_OFFLINE", "1"),
            home);
    assertThat(set.cache()).isEqualTo(hf.resolve("hub"));
    assertThat(set.token()).isEqualTo(StubHub.TOKEN);
    assertThat(set.offline()).isTrue();
    assertThat(set.toString()).contains("http://mirror:80").doesNotContain(StubHub.TOKEN);
    assertThat(HubSettings.of(Map.of("HF_HOME", hf.toString(), "HF_TOKEN", "other"), home).token())
        .isEqualTo("other");
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "ftp://x"), home))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not like https://huggingface.co");
  }
}
