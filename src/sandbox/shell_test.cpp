#include "sandbox/shell.h"

#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

// A process without a terminal: its input is there from the start, and time passes at once.
class PlainIo final : public ProcessIo {
 public:
  net::awaitable<std::string> read() override { co_return std::exchange(input, ""); }
  net::awaitable<bool> write(bool error, std::string_view bytes) override {
    (error ? err : out) += bytes;
    co_return out.size() < 50'000'000;
  }
  net::awaitable<bool> pause(Duration) override { co_return true; }
  bool terminal() const override { return false; }
  bool take_interrupt() override { return false; }
  bool ended() const override { return false; }
  std::string input, out, err;
};

struct Ran {
  ProcessEnd end;
  std::string out, err;
};

struct Machines {
  explicit Machines(std::string_view app = "frontend") {
    pod = cluster.objects.store().find(cluster.resources.get("", "pods"), "shop", cluster.pods_of(app).front());
    container = containers.running(*pod, app);
  }
  Ran run(std::vector<std::string> argv, std::string input = "") {
    Machine machine(containers, cluster.objects, container);
    PlainIo io;
    io.input = std::move(input);
    Ran out;
    net::run_until_done([&](net::Executor) -> net::awaitable<void> {
      Shell shell(machine, io);
      out.end = co_await shell.execute(std::move(argv));
    });
    out.out = io.out;
    out.err = io.err;
    return out;
  }
  std::string sh(std::string text) {
    Ran ran = run({"sh", "-c", std::move(text)});
    return ran.out + ran.err + (ran.end.exit_code == 0 ? "" : "=" + std::to_string(ran.end.exit_code));
  }

  Cluster cluster;
  Containers containers{cluster.objects};
  ObjectPtr pod;
  std::shared_ptr<Container> container;
};

TEST(Shell, RunsListsPipelinesAndConditions) {
  Machines m;
  EXPECT_EQ(m.sh("echo a; echo b"), "a\nb\n");
  EXPECT_EQ(m.sh("true && echo yes || echo no"), "yes\n");
  EXPECT_EQ(m.sh("false && echo yes || echo no"), "no\n");
  EXPECT_EQ(m.sh("! true || echo no"), "no\n");
  EXPECT_EQ(m.sh("printf 'b\\na\\nb\\n' | sort | uniq -c"), "      1 a\n      2 b\n");
  EXPECT_EQ(m.sh("seq 3 | while read n; do echo \"<$n>\"; break; done"), "<1>\n");
  EXPECT_EQ(m.sh("seq 3 | while read n; do echo \"<$n>\"; done; while read a b; do echo $b; done < /etc/group; seq 3 | "
                 "{ read x; cat; }"),
            "<1>\n<2>\n<3>\n\n\n2\n3\n");
  EXPECT_EQ(m.sh("for x in a 'b c' d; do [ $x = d ] 2>/dev/null && break; echo \"$x\"; done"), "a\nb c\n");
  EXPECT_EQ(m.sh("if [ -d /etc ]; then echo d; elif true; then echo e; else echo f; fi"), "d\n");
  EXPECT_EQ(m.sh("exit 3; echo never"), "=3");
  EXPECT_EQ(m.sh("(exit 4); echo $?"), "4\n");
  EXPECT_EQ(m.sh("set -e; false || true; true && true; false; echo never"), "=1");
  EXPECT_EQ(m.sh("x=1; (x=2); echo $x; { x=3; }; echo $x"), "1\n3\n");
  EXPECT_EQ(m.sh("cat <<E\na $x\nE\necho b"), "a $x\nb\n");
}

TEST(Shell, ExpandsWords) {
  Machines m;
  EXPECT_EQ(m.sh("x='a  b'; echo $x \"$x\" '$x' \\$x"), "a b a  b $x $x\n");
  EXPECT_EQ(m.sh("echo ${none:-d} ${none-e} ${none:+f}. ${HOME:+g}; echo ${#HOME}"), "d e . g\n5\n");
  EXPECT_EQ(m.sh("echo $(echo a; echo b) `echo c`"), "a b c\n");
  EXPECT_EQ(m.sh("echo /etc/host* /etc/none*"), "/etc/hostname /etc/hosts /etc/none*\n");
  EXPECT_EQ(m.sh("echo '/etc/host*'"), "/etc/host*\n");
  EXPECT_EQ(m.run({"sh", "-c", "echo $0 $1 $#; for a in \"$@\"; do echo \"$a\"; done", "name", "x y", "z"}).out,
            "name x y 2\nx y\nz\n");
  EXPECT_EQ(m.sh("A=1 env | grep ^A=; echo .$A."), "A=1\n..\n");
}

TEST(Shell, Reckons) {
  Machines m;
  EXPECT_EQ(m.sh("i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo \"$i: $((i * 2))\"; done"), "1: 2\n2: 4\n3: 6\n");
  EXPECT_EQ(m.sh("echo $((1 + 2 * 3 - (4 - 1) % 2)) $((7/2)) $((-7/2)) $((1 << 4 | 1)) $((0x10)) $((010))"),
            "6 3 -3 17 16 8\n");
  EXPECT_EQ(m.sh("echo $((3 > 2 && 2 >= 2)) $((1 ? 5 : 6)) $((!0)) $((~0)) $((none)) $(( $(echo 4) + 1 ))"),
            "1 5 1 -1 0 5\n");
  EXPECT_EQ(m.sh("x=5; : $((x += 2)) $((y = x++)) $((++x)); echo $x $y; echo $((0 && (z = 1)))${z:-unset}"),
            "9 7\n0unset\n");
  EXPECT_EQ(m.sh("echo $((9223372036854775807 + 1)) $((-9223372036854775807 - 1))"),
            "-9223372036854775808 -9223372036854775808\n");
  EXPECT_EQ(m.sh("echo $((1 / 0)); echo never"), "sh: divide by zero\n=2");
  EXPECT_EQ(m.sh("echo $((1 +)); echo never"), "sh: arithmetic syntax error\n=2");
  EXPECT_EQ(m.sh("echo $((1"), "sh: syntax error: unterminated arithmetic expansion\n=2");
  std::string deep(5000, '(');
  EXPECT_NE(m.sh("echo $((" + deep + "1" + std::string(5000, ')') + "))").find("nested too deeply"), std::string::npos);
}

TEST(Shell, AgreesWithThePod) {
  Machines m;
  EXPECT_EQ(m.sh("hostname"), m.pod->name + "\n");
  EXPECT_EQ(m.sh("printenv POD_NAME POD_NAMESPACE LOG_LEVEL"), m.pod->name + "\nshop\ninfo\n");
  EXPECT_EQ(m.sh("cat /etc/app/LOG_LEVEL"), "info");
  EXPECT_NE(m.sh("cat /etc/hosts").find(m.pod->name), std::string::npos);
  EXPECT_EQ(m.sh("id -u; whoami"), "65532\nwhoami: unknown uid 65532\n=1");
  EXPECT_NE(m.sh("env").find("KUBERNETES_SERVICE_HOST="), std::string::npos);
}

TEST(Shell, KeepsFilesAsLongAsTheContainerLives) {
  Machines m;
  EXPECT_EQ(m.sh("echo one > /tmp/f && echo two >> /tmp/f"), "");
  m.container = m.containers.running(*m.pod, "frontend");
  EXPECT_EQ(m.sh("cd /tmp && cat f | wc -l"), "2\n");
  EXPECT_EQ(m.sh("echo x > /f"), "sh: can't create /f: Read-only file system\n=1");  // readOnlyRootFilesystem
  EXPECT_EQ(m.sh("rm /etc/app/LOG_LEVEL"), "rm: can't remove '/etc/app/LOG_LEVEL': Read-only file system\n=1");
  EXPECT_EQ(m.sh("mkdir -p /tmp/a/b && touch /tmp/a/b/c && ls /tmp /tmp/a; rm -r /tmp/a; ls /tmp"),
            "/tmp:\na\nf\n\n/tmp/a:\nb\nf\n");
  EXPECT_EQ(m.sh("echo x >&2 2>/dev/null; echo y 2>&1 >/dev/null; ls /none 2>/dev/null; cat < /none"),
            "x\nsh: can't open /none: no such file\n=1");
}

TEST(Shell, SaysWhatCannotBeStarted) {
  Machines m;
  EXPECT_EQ(m.run({"nosuch"}).end.start_error,
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuch\": executable "
            "file not found in $PATH: unknown");
  EXPECT_EQ(m.run({"/nosuch"}).end.start_error,
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/nosuch\": stat /nosuch: "
            "no such file or directory: unknown");
  EXPECT_EQ(m.run({"/etc"}).end.start_error,
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/etc\": permission "
            "denied: unknown");
  EXPECT_EQ(m.sh("nosuch"), "sh: nosuch: not found\n=127");
  EXPECT_EQ(m.sh("/etc/passwd"), "sh: /etc/passwd: Permission denied\n=126");
  EXPECT_EQ(m.sh("echo a && && b"), "sh: syntax error: unexpected \"&&\"\n=2");
  EXPECT_EQ(m.sh("cd /nosuch"), "sh: cd: line 0: can't cd to /nosuch: No such file or directory\n=2");
  EXPECT_EQ(m.sh("kill 77"), "sh: can't kill pid 77: No such process\n=1");
  EXPECT_EQ(m.run({"kill", "77"}).err, "kill: can't kill pid 77: No such process\n");
}

TEST(Shell, ReadsScriptsFromInput) {
  Machines m;
  Ran ran = m.run({"sh"}, "echo in\nif true\nthen echo more\nfi\nexit 5\necho never\n");
  EXPECT_EQ(ran.out, "in\nmore\n");
  EXPECT_EQ(ran.end.exit_code, 5);
  EXPECT_EQ(m.run({"cat"}, "hello").out, "hello");
  EXPECT_EQ(m.run({"sh", "-c", "read a; echo got $a; cat"}, "one\ntwo\n").out, "got one\ntwo\n");
}

TEST(Shell, EndsWhatWouldNotEnd) {
  Machines m;
  EXPECT_EQ(m.run({"sh", "-c", "while true; do :; done"}).end.exit_code, 137);
  EXPECT_EQ(m.run({"sh", "-c", "x=aaaaaaaa; while true; do x=$x$x; done"}).end.exit_code, 137);
  EXPECT_EQ(m.run({"sh", "-c",
                   "y=$(while true; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done)"})
                .end.exit_code,
            137);
  EXPECT_EQ(m.run({"sh", "-c", "echo 'sh /tmp/again' > /tmp/again; sh /tmp/again"}).end.exit_code, 137);
  EXPECT_NE(m.sh("while true; do cat /tmp/again; done > /tmp/big").find("=137"), std::string::npos);
  EXPECT_EQ(m.sh("echo a > '/tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; ls /tmp/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"),
            "ls: /tmp/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b: No such file or directory\n=1");
}

TEST(Shell, ReachesServicesWhoseEndpointsAreReady) {
  Machines m;
  json::value services = m.cluster.get("/api/v1/namespaces/shop/services/frontend").value();
  std::string port = std::to_string(integer_at(array_at(services, {"spec", "ports"}).front(), {"port"}));
  EXPECT_NE(m.sh("wget -qO- http://frontend:" + port + "/").find("container: frontend\n"), std::string::npos);
  EXPECT_EQ(m.sh("curl -s http://frontend.shop.svc.cluster.local:" + port + "/healthz"), "ok\n");
  EXPECT_EQ(m.sh("curl -s http://nosuch/"), "=6");
  EXPECT_EQ(m.sh("wget -qO- nosuch:80"), "wget: bad address 'nosuch:80'\n=1");
  EXPECT_EQ(m.sh("wget -qO- http://127.0.0.1:9/"),
            "wget: can't connect to remote host (127.0.0.1): Connection refused\n=1");
  EXPECT_EQ(m.sh("nc -z payments 80"), "=1") << "its pods crash";
}

TEST(Shell, PacksAndUnpacksFiles) {
  Machines m;
  EXPECT_EQ(m.sh("mkdir -p /tmp/d/e; echo hello > /tmp/d/e/f; tar cf /tmp/x.tar -C /tmp d; rm -r /tmp/d; tar xf "
                 "/tmp/x.tar -C /tmp; cat /tmp/d/e/f"),
            "hello\n");
  EXPECT_EQ(m.sh("head -c 700 /tmp/x.tar | tar xf - -C /tmp"), "tar: short read\n=1");
  EXPECT_EQ(m.sh("seq 500 | tar xf - -C /tmp"), "tar: invalid tar magic\n=1");
}

TEST(Shell, KillOneRestartsTheContainer) {
  Machines m;
  EXPECT_EQ(m.run({"sh", "-c", "echo x > /tmp/f; kill 1"}).end.exit_code, 0);
  EXPECT_FALSE(m.containers.alive(*m.container));
  ObjectPtr again = m.cluster.objects.store().find_uid(m.pod->uid);
  json::value pod = m.cluster.objects.load(*again);
  EXPECT_EQ(integer_at(array_at(pod, {"status", "containerStatuses"}).front(), {"restartCount"}), 1);
  m.container = m.containers.running(*again, "frontend");
  ASSERT_TRUE(m.container);
  EXPECT_EQ(m.sh("cat /tmp/f"), "cat: can't open '/tmp/f': No such file or directory\n=1");
}

}  // namespace
}  // namespace fairlead::sandbox
