# Sourced by mvnw and .ci/run: lets Maven itself run on JDK 25 where one is found, whatever `java` is
# first on PATH. Sets jdk25 to `found` or `missing`.
#
# javac and the tests get their JDK from Maven's toolchain selection in any case. But
# google-java-format parses with the javac of the Java that runs Maven, and an older one does not
# know today's syntax. When nothing is found here, the toolchain selection has the last word: it
# looks in more places, among them ~/.m2/toolchains.xml.

is_jdk_25() {
  [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release" 2>/dev/null
}

prefer_jdk_25() {
  jdk25=missing
  set +f
  for candidate in "${JAVA_HOME-}" "${JAVA25_HOME-}" "${JAVA_HOME_25_X64-}" "${JAVA_HOME_25_ARM64-}" \
    /usr/lib/jvm/* /opt/java/* /opt/jdk* /usr/java/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.jabba/jdk/* \
    "$HOME"/.local/share/mise/installs/java/* "$HOME"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [ -n "$candidate" ] && is_jdk_25 "$candidate"; then
      jdk25=found
      export JAVA_HOME="$candidate"
      break
    fi
  done
}

say_no_jdk_25() {
  echo "Equator is built with JDK 25, and none was found in the usual places: install one, or set JAVA_HOME to it." >&2
}
