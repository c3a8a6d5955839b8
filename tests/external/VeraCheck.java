import java.io.File;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * Checks PDF files against PDF/A and PDF/UA profiles with veraPDF's own rules.
 *
 * <p>Usage: {@code java -cp JARS VeraCheck.java 2a,ua1 file.pdf...} ({@code verapdf.sh} puts the class path together).
 * Prints one line per file and profile and below it one line per broken rule. Exit code 1 if any file breaks any rule.
 */
public final class VeraCheck {
    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: VeraCheck PROFILE[,PROFILE...] FILE...    profiles: 1a 1b 2a 2b 2u 3a 3b 3u 4 4e 4f ua1 ua2");
            System.exit(2);
        }
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        boolean allCompliant = true;
        for (String id : args[0].split(",")) {
            ValidationProfile profile = profile(id);
            for (int i = 1; i < args.length; i++) {
                allCompliant &= check(args[i], id, profile);
            }
        }
        System.exit(allCompliant ? 0 : 1);
    }

    /** Reads a profile from the jar; the library's own directory of profiles is empty in this packaging. */
    private static ValidationProfile profile(String id) throws Exception {
        String name = id.startsWith("ua") ? "PDFUA-" + id.substring(2) : "PDFA-" + id.toUpperCase();
        try (InputStream in = Profiles.class.getResourceAsStream("/org/verapdf/pdfa/validation/" + name + ".xml")) {
            if (in == null) {
                System.err.println("VeraCheck: there is no profile " + name);
                System.exit(2);
            }
            return Profiles.profileFromXml(in);
        }
    }

    /** Checks one file against one profile and prints what it finds. A file that cannot be read is not compliant. */
    private static boolean check(String file, String id, ValidationProfile profile) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file), profile.getPDFAFlavour());
                PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            // No assertion at all means that nothing was looked at.
            boolean compliant = result.isCompliant() && result.getTotalAssertions() > 0;
            System.out.printf("%s %s %s assertions=%d%n",
                    file, id, compliant ? "compliant" : "NOT COMPLIANT", result.getTotalAssertions());
            brokenRules(result).values().forEach(System.out::println);
            return compliant;
        } catch (Exception | LinkageError e) {
            System.out.printf("%s %s NOT COMPLIANT assertions=0%n  cannot be checked: %s%n", file, id, rootCause(e));
            return false;
        }
    }

    /** One line per broken rule: clause, test number, how often, message and the first place. */
    private static Map<String, String> brokenRules(ValidationResult result) {
        Map<String, String> lines = new TreeMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                RuleId rule = assertion.getRuleId();
                lines.putIfAbsent(rule.getClause() + "/" + rule.getTestNumber(),
                        String.format("  clause=%s test=%d failures=%d message=%s place=%s",
                                rule.getClause(), rule.getTestNumber(), result.getFailedChecks().getOrDefault(rule, 1),
                                oneLine(assertion.getMessage()), assertion.getLocation().getContext()));
            }
        }
        return lines;
    }

    private static Throwable rootCause(Throwable thrown) {
        return thrown.getCause() == null ? thrown : rootCause(thrown.getCause());
    }

    private static String oneLine(String text) {
        return text == null ? "" : text.strip().replaceAll("\\s+", " ");
    }
}
