import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.cyclonedx.parsers.Parser;
import org.cyclonedx.parsers.XmlParser;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/**
 * Checks a staged repository by what Maven Central publishes as its requirements
 * (https://central.sonatype.org/publish/requirements/), item by item, and prints a line for each.
 *
 * <p>{@code java -cp CLASSPATH CentralRules.java STAGING VERSION}, with what the pom beside it
 * depends on; needs {@code gpg} with the public key.
 */
public final class CentralRules {
  private static final List<String> CHECKSUMS = List.of("MD5", "SHA-1");

  /** Providers whose packages are not exported, but whose specs' options stand in their Javadoc. */
  private static final Map<String, List<String>> DOCUMENTED =
      Map.of(
          "fundamentallm-samplers",
          List.of(
              "constraint/JsonSchemaConstraint",
              "constraint/GrammarConstraint",
              "constraint/RegexConstraint",
              "decode/BeamSearch",
              "decode/ContrastiveSearch",
              "decode/Speculative"),
          "fundamentallm-runtime-cpu",
          List.of("cpu/CpuRuntimeProvider"));

  private final Path group;
  private final String version;
  private final Map<String, List<String>> broken = new TreeMap<>();
  private final Map<String, Integer> checked = new TreeMap<>();

  private CentralRules(Path staging, String version) {
    this.group = staging.resolve("io/fundamentallm");
    this.version = version;
  }

  public static void main(String[] arguments) throws Exception {
    CentralRules rules = new CentralRules(Path.of(arguments[0]), arguments[1]);
    List<Path> artifacts;
    try (Stream<Path> folders = Files.list(rules.group)) {
      artifacts = folders.filter(Files::isDirectory).sorted().toList();
    }
    Set<String> staged = new TreeSet<>();
    artifacts.forEach(artifact -> staged.add(artifact.getFileName().toString()));
    Set<String> managed = rules.managed();
    rules.check(
        "0 (ours) staged is what the BOM manages",
        staged + " and not " + managed,
        staged.equals(managed));
    for (Path artifact : artifacts) {
      rules.artifact(artifact.resolve(rules.version), artifact.getFileName().toString());
    }
    rules.checked.forEach(
        (rule, times) -> {
          List<String> failures = rules.broken.getOrDefault(rule, List.of());
          System.out.printf(
              "%s  %s (%d checks)%n", failures.isEmpty() ? "ok    " : "BROKEN", rule, times);
          failures.forEach(failure -> System.out.println("          " + failure));
        });
    System.exit(rules.broken.isEmpty() ? 0 : 1);
  }

  private void artifact(Path folder, String id) throws Exception {
    String name = id + "-" + version;
    check("1 coordinates: a folder of its own with this version", id, Files.isDirectory(folder));
    check("1 coordinates: no snapshot", id, !version.endsWith("-SNAPSHOT"));
    Path pom = folder.resolve(name + ".pom");
    check("2 a pom", id, Files.isRegularFile(pom));
    if (!Files.isRegularFile(pom)) {
      return;
    }
    pom(pom, id);
    boolean jar = !text(pom, "/project/packaging").equals("pom");
    if (jar) {
      for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
        Path file = folder.resolve(name + suffix);
        check("3 files: " + suffix, id, Files.isRegularFile(file) && entries(file) > 2);
      }
      Path tests = folder.resolve(name + "-test-sources.jar");
      check(
          "3 files (ours): what is published of tests has its sources",
          id,
          !Files.exists(folder.resolve(name + "-tests.jar"))
              || (Files.isRegularFile(tests) && entries(tests) > 2));
      check(
          "3 files (ours): the Javadoc has nothing of internal packages",
          id,
          !has(folder.resolve(name + "-javadoc.jar"), ".*/internal/.*"));
      for (String type : DOCUMENTED.getOrDefault(id, List.of())) {
        check(
            "3 files (ours): the Javadoc has what pages send to: " + type,
            id,
            has(folder.resolve(name + "-javadoc.jar"), ".*/" + type + "\\.html"));
      }
    }
    materials(folder.resolve(name + "-cyclonedx.json"), new JsonParser(), "\"bomFormat\"");
    materials(folder.resolve(name + "-cyclonedx.xml"), new XmlParser(), "components>");
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> !file.toString().matches(".*\\.(md5|sha1|sha256|sha512)")).toList();
    }
    for (Path file : files) {
      String what = file.getFileName().toString();
      check("6 layout: the file's name begins with its coordinates", what, what.startsWith(name));
      checksums(file);
      if (!what.endsWith(".asc")) {
        signature(file);
      }
    }
  }

  /** The BOM itself, and what it gives a version. */
  private Set<String> managed() throws Exception {
    String bom = "fundamentallm-bom";
    Path pom = group.resolve(bom).resolve(version).resolve(bom + "-" + version + ".pom");
    NodeList ids = nodes(pom, "/project/dependencyManagement/dependencies/dependency/artifactId");
    Set<String> managed = new TreeSet<>(Set.of(bom));
    for (int i = 0; i < ids.getLength(); i++) {
      managed.add(ids.item(i).getTextContent());
    }
    return managed;
  }

  /**
   * A bill of materials is valid by CycloneDX's own validator, which sees it when that is not so.
   *
   * @param needed what it is not valid without
   */
  private void materials(Path file, Parser parser, String needed) throws Exception {
    String name = file.getFileName().toString();
    String rule = "7 (ours) a bill of materials that CycloneDX finds valid";
    if (!Files.isRegularFile(file)) {
      check(rule, name + " is missing", false);
      return;
    }
    String text = Files.readString(file);
    check(rule, name, parser.validate(text.getBytes(UTF_8), Version.VERSION_16).isEmpty());
    String broken = text.replace(needed, needed.replaceFirst("\\w+", "unheardOf"));
    check(
        "7 (ours) and one that CycloneDX finds broken when it is",
        name,
        !parser.validate(broken.getBytes(UTF_8), Version.VERSION_16).isEmpty());
  }

  private void pom(Path pom, String id) throws Exception {
    check("2 pom: groupId", id, text(pom, "/project/groupId").equals("io.fundamentallm"));
    check("2 pom: artifactId", id, text(pom, "/project/artifactId").equals(id));
    check("2 pom: version", id, text(pom, "/project/version").equals(version));
    for (String path :
        List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "developers/developer/url",
            "organization/name",
            "scm/connection",
            "scm/developerConnection",
            "scm/url")) {
      check("2 pom: " + path, id, !text(pom, "/project/" + path).isBlank());
    }
    String all = Files.readString(pom);
    check("2 pom: no parent that is not published", id, !all.contains("<parent>"));
    check("2 pom: no repositories of its own", id, !all.matches("(?s).*<(plugin)?[rR]epositories>.*"));
    check("2 pom: no snapshot", id, !all.contains("-SNAPSHOT"));
    check(
        "2 pom: nothing left to interpolate but its own version",
        id,
        !all.replace("${project.version}", version).contains("${"));
    check("2 pom: no dependency in scope system", id, !all.contains("<scope>system</scope>"));
    int dependencies = count(pom, "/project/dependencies/dependency");
    check(
        "2 pom: every dependency has a version",
        id,
        count(pom, "/project/dependencies/dependency/version") == dependencies);
  }

  private void checksums(Path file) throws Exception {
    for (String algorithm : CHECKSUMS) {
      String suffix = "." + algorithm.toLowerCase().replace("-", "");
      Path sum = file.resolveSibling(file.getFileName() + suffix);
      boolean right =
          Files.isRegularFile(sum)
              && Files.readString(sum)
                  .strip()
                  .equals(
                      HexFormat.of()
                          .formatHex(
                              MessageDigest.getInstance(algorithm)
                                  .digest(Files.readAllBytes(file))));
      // a signature needs none
      if (!file.toString().endsWith(".asc")) {
        check("5 checksums: " + suffix, file.getFileName().toString(), right);
      }
    }
  }

  private void signature(Path file) throws IOException, InterruptedException {
    Path signature = file.resolveSibling(file.getFileName() + ".asc");
    boolean good = Files.isRegularFile(signature);
    if (good) {
      Process gpg =
          new ProcessBuilder("gpg", "--batch", "--verify", signature.toString(), file.toString())
              .redirectErrorStream(true)
              .start();
      gpg.getInputStream().readAllBytes();
      good = gpg.waitFor() == 0;
    }
    check("4 a good signature", file.getFileName().toString(), good);
  }

  private void check(String rule, String what, boolean holds) {
    checked.merge(rule, 1, Integer::sum);
    if (!holds) {
      broken.computeIfAbsent(rule, key -> new ArrayList<>()).add(what);
    }
  }

  private static int entries(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.size();
    }
  }

  private static boolean has(Path jar, String entries) throws IOException {
    if (!Files.isRegularFile(jar)) {
      return false;
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.stream().anyMatch(entry -> entry.getName().matches(entries));
    }
  }

  private static String text(Path pom, String path) throws Exception {
    return (String)
        XPathFactory.newInstance().newXPath().evaluate(path, parse(pom), XPathConstants.STRING);
  }

  private static int count(Path pom, String path) throws Exception {
    return nodes(pom, path).getLength();
  }

  private static NodeList nodes(Path pom, String path) throws Exception {
    return (NodeList)
        XPathFactory.newInstance().newXPath().evaluate(path, parse(pom), XPathConstants.NODESET);
  }

  private static Document parse(Path pom) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
  }
}
