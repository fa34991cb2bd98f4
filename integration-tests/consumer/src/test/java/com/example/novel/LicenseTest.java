package com.example.novel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What is published says under which licence it is, and where it comes from. */
class LicenseTest {
  static List<Path> jars() throws IOException {
    return published(".jar").stream()
        .filter(
            jar ->
                !jar.getFileName().toString().startsWith("fundamentallm-consumer")) // this module
        .toList();
  }

  /** Those that stand alone; others are of the tests, and lie there to be installed from. */
  static List<Path> poms() throws IOException {
    List<Path> alone = new ArrayList<>();
    for (Path pom : published(".pom")) {
      if (!Files.readString(pom).contains("<parent>")) {
        alone.add(pom);
      }
    }
    assertThat(alone).hasSizeGreaterThan(9);
    return alone;
  }

  private static List<Path> published(String suffix) throws IOException {
    Path group = Path.of(System.getProperty("consumer.repository"), "io", "fundamentallm");
    try (Stream<Path> files = Files.walk(group)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("jars")
  void a_jar_holds_the_licence(Path jar) throws IOException {
    String licence = Files.readString(Path.of("..", "..", "LICENSE"));
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      // a jar with others' classes has their licences as well
      assertThat(text(zip, "META-INF/LICENSE")).contains(licence.strip());
    }
  }

  @ParameterizedTest
  @MethodSource("jars")
  void a_jar_holds_a_notice(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      String notice = text(zip, "META-INF/NOTICE");
      assertThat(notice).startsWith("FundamentaLLM\nCopyright ");
      // a jar of documentation has no tables
      boolean tables = zip.getEntry("io/fundamentallm/tokenizers/unicode/categories.bin") != null;
      if (tables) {
        assertThat(notice).contains("Unicode License v3");
        assertThat(text(zip, "META-INF/licenses/unicode.txt")).startsWith("UNICODE LICENSE V3");
      }
    }
  }

  /** But for what Spring Boot itself packs, which the notice names. */
  @Test
  void the_web_service_lists_each_jar_that_it_holds() throws IOException {
    Path service =
        jars().stream()
            .filter(
                jar ->
                    jar.getFileName()
                        .toString()
                        .matches("fundamentallm-web-service-[0-9.]+(-SNAPSHOT)?\\.jar"))
            .findFirst()
            .orElseThrow();
    try (ZipFile zip = new ZipFile(service.toFile())) {
      String list = text(zip, "META-INF/THIRD-PARTY.txt");
      List<String> held =
          zip.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.matches("BOOT-INF/lib/.+\\.jar"))
              .map(name -> name.substring(name.lastIndexOf('/') + 1))
              .filter(name -> !name.startsWith("spring-boot-jarmode-tools-"))
              .toList();
      assertThat(held).hasSizeGreaterThan(50);
      List<String> listed =
          Pattern.compile(":([^: ]+):([^: ]+) - ")
              .matcher(list)
              .results()
              .map((MatchResult library) -> library.group(1) + "-" + library.group(2))
              .toList();
      assertThat(held)
          .allSatisfy(
              jar ->
                  // native code has a classifier behind the version
                  assertThat(listed)
                      .anyMatch(name -> jar.equals(name + ".jar") || jar.startsWith(name + "-")));
      assertThat(text(zip, "META-INF/NOTICE")).contains("Eclipse Public License 2.0");
    }
  }

  private static String text(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    assertThat(entry).as(name).isNotNull();
    try (InputStream in = zip.getInputStream(entry)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @ParameterizedTest
  @MethodSource("poms")
  void a_pom_names_licence_authors_and_sources(Path pom) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
    assertThat(texts(document, "/project/licenses/license/name")).containsExactly("Apache-2.0");
    assertThat(texts(document, "/project/developers/developer/name")).hasSize(1);
    assertThat(texts(document, "/project/organization/name")).hasSize(1);
    List<String> url = texts(document, "/project/url");
    assertThat(url).hasSize(1).allMatch(text -> text.startsWith("https://"));
    // the project's own, not with the module's name behind it
    assertThat(texts(document, "/project/scm/url")).isEqualTo(url);
    assertThat(texts(document, "/project/scm/connection"))
        .containsExactly("scm:git:" + url.get(0) + ".git");
  }

  private static List<String> texts(Document document, String path) throws Exception {
    XPath xpath = XPathFactory.newInstance().newXPath();
    NodeList nodes = (NodeList) xpath.evaluate(path, document, XPathConstants.NODESET);
    return Stream.iterate(0, i -> i < nodes.getLength(), i -> i + 1)
        .map(i -> nodes.item(i).getTextContent().strip())
        .toList();
  }
}
