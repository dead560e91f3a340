"""The Polish texts: English as it stands in the code → Polish. A test keeps this complete and free of leftovers."""

CATALOGUE = {
    # command line
    "arguments": "argumenty",
    "options": "opcje",
    "usage: ": "użycie: ",
    "commands": "polecenia",
    "COMMAND": "POLECENIE",
    "FILE": "PLIK",
    "NAME": "NAZWA",
    "modes": "tryby",
    "show this help and exit": "pokazuje tę pomoc i kończy",
    "show the version and exit": "pokazuje wersję i kończy",
    "Reads water meters by radio and writes dumps for the office.": (
        "Odczytuje wodomierze drogą radiową i zapisuje zrzuty dla biura."
    ),
    "list the dongles that are supported and the ports that are there": (
        "wypisuje obsługiwane odbiorniki i porty dostępne w komputerze"
    ),
    "kind of dongle": "rodzaj odbiornika",
    "listen to a tour and write what is heard into a dump file": "nasłuchuje na trasie i zapisuje telegramy do zrzutu",
    "port of the dongle, for example /dev/ttyUSB0": "port odbiornika, na przykład /dev/ttyUSB0",
    "tour file from the office (JSON)": "plik trasy z biura (JSON)",
    "dump file; one that exists is gone on with": "plik zrzutu; istniejący jest kontynuowany",
    "radio mode; the default is what the dongle hears most with": (
        "tryb radiowy; domyślnie ten, w którym odbiornik słyszy najwięcej"
    ),
    "port of a GPS receiver (NMEA); adds the place to each telegram": (
        "port odbiornika GPS (NMEA); do telegramu dopisywane jest miejsce"
    ),
    "seconds a telegram may be unsafe from a power cut (default 0: none)": (
        "ile sekund telegram może nie być zabezpieczony przed zanikiem zasilania (domyślnie 0)"
    ),
    "plain lines instead of the full screen": "zwykłe wiersze zamiast pełnego ekranu",
    "end when the whole tour was heard": "kończy, gdy usłyszano całą trasę",
    "end after so many seconds": "kończy po tylu sekundach",
    "end after so many seconds without a telegram": "kończy po tylu sekundach bez telegramu",
    "close a dump and put it, compressed, where the office takes it": (
        "zamyka zrzut i odkłada go, spakowany, tam, skąd bierze go biuro"
    ),
    "dump file that listen wrote": "plik zrzutu zapisany przez listen",
    "where to; the default is beside the dump": "folder docelowy; domyślnie obok zrzutu",
    "tour file; its id becomes part of the name": "plik trasy; jej numer wejdzie do nazwy",
    "leave the dump open, to go on with it later": "nie zamyka zrzutu, aby można go było kontynuować",
    "hand exported dumps to the server, each once": "przekazuje gotowe zrzuty na serwer, każdy raz",
    "exported dumps, or folders with them": "gotowe zrzuty lub foldery z nimi",
    "address of the server, for example https://odoo.example.org": (
        "adres serwera, na przykład https://odoo.example.org"
    ),
    "database on the server": "baza danych na serwerze",
    "login that the key must belong to; checked before anything is sent": (
        "login, do którego musi należeć klucz; sprawdzany przed wysłaniem"
    ),
    "file with the API key; the default is the variable PWIK_API_KEY": (
        "plik z kluczem API; domyślnie zmienna PWIK_API_KEY"
    ),
    "allow an unencrypted connection": "pozwala na połączenie nieszyfrowane",
    "tries for each file while the server is away (default 6)": (
        "liczba prób dla pliku, gdy serwer jest niedostępny (domyślnie 6)"
    ),
    "play recorded telegrams like a dongle would, without hardware": (
        "odtwarza nagrane telegramy tak, jak robi to odbiornik, bez sprzętu"
    ),
    "name of the port to make": "nazwa tworzonego portu",
    "a dump (JSON lines, also gzip) or lines of hex": "zrzut (wiersze JSON, także gzip) albo wiersze szesnastkowe",
    "times as fast as recorded": "ile razy szybciej niż nagrano",
    "seconds between telegrams instead": "zamiast tego: sekundy między telegramami",
    "begin again at the end": "po ostatnim telegramie zaczyna od początku",
    "share of telegrams with noise before them, 0 to 1": "część telegramów poprzedzona zakłóceniem, od 0 do 1",
    "unplug once, after N telegrams": "raz odłącza odbiornik, po N telegramach",
    "stay unplugged so long": "przez tyle sekund pozostaje odłączony",
    "stay plugged in so long after the last telegram; the default is until stopped": (
        "przez tyle sekund po ostatnim telegramie pozostaje podłączony; domyślnie aż do zatrzymania"
    ),
    "missing: {0}": "brakuje: {0}",
    "{0}: wrong value {1} (choose from {2})": "{0}: błędna wartość {1} (możliwe: {2})",
    "{0}: wrong value {1}": "{0}: błędna wartość {1}",
    "{0}: a value is missing": "{0}: brakuje wartości",
    "unknown: {0}": "nieznane: {0}",
    "{title} has no radio mode {mode}; it has: {modes}.": "{title} nie ma trybu {mode}; ma tryby: {modes}.",
    "--until-complete needs --tour.": "--until-complete wymaga --tour.",
    "No serial ports are there.": "Nie ma żadnych portów szeregowych.",
    # reasons of the operating system
    "no space left on the disk": "brak miejsca na dysku",
    "the file may not become any larger": "plik nie może być większy",
    "not permitted": "brak uprawnień",
    "no such file or folder": "nie ma takiego pliku ani folderu",
    "is a folder": "to jest folder",
    "the disk is write-protected": "dysk jest tylko do odczytu",
    "the disk reports an error": "dysk zgłasza błąd",
    "its certificate is not to be trusted: {why}": "jego certyfikat nie jest zaufany: {why}",
    "no secure connection comes about": "nie udaje się nawiązać bezpiecznego połączenia",
    "no such address": "nie ma takiego adresu",
    "no answer in time": "brak odpowiedzi na czas",
    "nobody answers there": "pod tym adresem nikt nie odpowiada",
    "the connection broke": "połączenie zostało przerwane",
    "no network": "brak sieci",
    # tour
    "the tour": "trasa",
    "stop {number}": "punkt {number}",
    "The tour file must hold one object with “tour” and “stops”.": (
        "Plik trasy musi zawierać jeden obiekt z polami „tour” i „stops”."
    ),
    "The tour file lacks “tour” (the id of the tour).": "W pliku trasy brakuje pola „tour” (numeru trasy).",
    "The tour file has no stops (“stops”).": "Plik trasy nie zawiera punktów („stops”).",
    "Stop {number}: must be an object.": "Punkt {number}: musi być obiektem.",
    "Stop {number}: “order” must be a number.": "Punkt {number}: „order” musi być liczbą.",
    "Stop {number}: the address is missing.": "Punkt {number}: brakuje adresu.",
    "Stop {number}: “module” must be MFR/ID/VERSION or an id, for example APA/12345678/14.": (
        "Punkt {number}: „module” musi mieć postać PRODUCENT/NUMER/WERSJA lub sam numer, na przykład APA/12345678/14."
    ),
    "Tour file {path} is too large.": "Plik trasy {path} jest za duży.",
    "Cannot read the tour file {path}: {reason}": "Nie można odczytać pliku trasy {path}: {reason}",
    "Tour file {path} is no text in UTF-8.": "Plik trasy {path} nie jest tekstem w UTF-8.",
    "Tour file {path} is no valid JSON (line {line}).": "Plik trasy {path} nie jest poprawnym JSON-em (wiersz {line}).",
    "Overlay {module} stands twice in the tour: stops {first} and {second}.": (
        "Nakładka {module} występuje na trasie dwa razy: punkty {first} i {second}."
    ),
    "“due” of the tour must be a date like 2026-04-30.": "Pole „due” trasy musi być datą, na przykład 2026-04-30.",
    "The tour file holds keys (“{name}” in {where}). Keys must stay on the server: get the tour file anew.": (
        "Plik trasy zawiera klucze („{name}”, {where}). Klucze muszą pozostać na serwerze: pobierz plik trasy na nowo."
    ),
    # dump and export
    "not a line of a dump": "to nie jest wiersz zrzutu",
    "{path} is no dump file; nothing was changed in it.": "{path} nie jest zrzutem; nic w nim nie zmieniono.",
    "{count} telegrams could not be written to {path}: {reason}": (
        "Nie udało się zapisać telegramów do {path} ({count}): {reason}"
    ),
    "{path} is in use by another collector. End that one first.": (
        "{path} jest używany przez inny program odczytu. Najpierw zakończ tamten."
    ),
    "Cannot write {path}: {reason}": "Nie można zapisać {path}: {reason}",
    "There is no dump file {path}.": "Nie ma zrzutu {path}.",
    "{path} holds no telegrams.": "{path} nie zawiera telegramów.",
    "Cannot write to {path}: {reason}": "Nie można zapisać w {path}: {reason}",
    "{file}: {lines} telegrams of {speakers} overlays.": "{file}: telegramów {lines}, nakładek {speakers}.",
    "{count} unreadable lines were left out.": "Pominięto wiersze nieczytelne: {count}.",
    # listening
    "The end of {file} was torn; {count} bytes were cut off.": (
        "Koniec pliku {file} był urwany; odcięto bajtów: {count}."
    ),
    "{count} unreadable lines inside {file} were left alone; export leaves them out.": (
        "Nieczytelne wiersze w środku {file}: {count}. Pozostają w pliku, eksport je pominie."
    ),
    "Going on with {file}: {count} telegrams so far.": "Kontynuacja pliku {file}: dotąd telegramów {count}.",
    "{count} telegrams in {file}.": "Telegramów {count} w pliku {file}.",
    "missing": "brakuje",
    "and {count} more": "i jeszcze {count}",
    "The connection to {port} broke; waiting for the dongle.": "Połączenie z {port} przerwane; czekam na odbiornik.",
    "No permission for {port}: join the group dialout and sign in anew.": (
        "Brak uprawnień do {port}: dołącz do grupy dialout i zaloguj się ponownie."
    ),
    "No dongle at {port}: plug it in.": "Nie ma odbiornika w {port}: podłącz go.",
    "Another program uses {port}.": "Inny program używa {port}.",
    "The dongle does not answer; is it really {title}?": "Odbiornik nie odpowiada; czy to na pewno {title}?",
    "The dongle refuses radio mode {mode}; try another --mode.": (
        "Odbiornik odrzuca tryb {mode}; spróbuj innego --mode."
    ),
    # screen
    "Radio reading": "Odczyt radiowy",
    "without a tour": "bez trasy",
    "due {date}": "termin {date}",
    "(overdue)": "(po terminie)",
    "(days left: {days})": "(dni: {days})",
    "last": "ostatni telegram",
    "now": "teraz",
    "heard {heard} of {total}": "Usłyszano {heard} z {total}",
    "heard {heard}": "Usłyszano {heard}",
    "telegrams {count}": "telegramów {count}",
    "strangers {count}": "obcych {count}",
    "damaged {count}": "uszkodzonych {count}",
    "Newest first heard": "Nowo usłyszane",
    "nothing heard yet": "jeszcze nic nie słychać",
    "not of this tour": "spoza trasy",
    "{value} dBm": "{value} dBm",
    "Missing {count}, nearest first": "Brakuje {count}, od najbliższych",
    "Missing: none": "Brakuje: nic",
    "All heard. The tour is done.": "Usłyszano wszystkie. Trasa gotowa.",
    "All heard, but not all is written yet: do not switch off.": (
        "Usłyszano wszystkie, ale nie wszystko jest zapisane: nie wyłączaj."
    ),
    "State": "Stan",
    "Signal: strong {strong}  good {good}  weak {weak}  very weak {poor}": (
        "Sygnał: silny {strong}  dobry {good}  słaby {weak}  bardzo słaby {poor}"
    ),
    "File {file}: {lines} lines, {size}": "Plik {file}: wierszy {lines}, {size}",
    "NOT WRITTEN ({count} waiting): {reason}; make room, it goes on by itself": (
        "NIE ZAPISANO (czeka {count}): {reason}; zwolnij miejsce, zapis ruszy sam"
    ),
    "dongle lost {count}×": "utrat odbiornika {count}",
    "no dongle": "brak odbiornika",
    "starting": "uruchamianie",
    "listening": "nasłuch",
    "no answer": "brak odpowiedzi",
    "q end   ↑ ↓ scroll the missing": "q koniec   ↑ ↓ przewijanie brakujących",
    # upload
    "There is nothing to upload.": "Nie ma czego wysłać.",
    "was uploaded before, left out": "wysłany już wcześniej, pominięto",
    "the server has it already (dump {id}, {state})": "serwer już go ma (zrzut {id}, {state})",
    "uploaded (dump {id}, {state})": "wysłano (zrzut {id}, {state})",
    "{url} is no web address like https://example.org.": "{url} nie jest adresem w rodzaju https://example.org.",
    "The key would travel unencrypted: use https, or --allow-http in your own network.": (
        "Klucz byłby przesyłany bez szyfrowania: użyj https, a we własnej sieci --allow-http."
    ),
    "The API key is empty or has characters that no key has.": (
        "Klucz API jest pusty albo ma znaki, których klucze nie mają."
    ),
    "The API key does not belong to {login}.": "Klucz API nie należy do loginu {login}.",
    "No API key: set PWIK_API_KEY or give --key-file.": "Brak klucza API: ustaw PWIK_API_KEY lub podaj --key-file.",
    "Others may read the key file {path}; run: chmod 600 {path}": (
        "Plik z kluczem {path} mogą czytać inni; wykonaj: chmod 600 {path}"
    ),
    "Cannot read the key file {path}.": "Nie można odczytać pliku z kluczem {path}.",
    "{path} is no exported dump (*.jsonl.gz); run export first.": (
        "{path} nie jest gotowym zrzutem (*.jsonl.gz); najpierw wykonaj export."
    ),
    "Cannot read {path}: {reason}": "Nie można odczytać {path}: {reason}",
    "The file is too large for the server.": "Plik jest za duży dla serwera.",
    "The server refuses the key: it is wrong, was removed or ran out."
    " Make a new one in Odoo (Radio reading › Collector).": (
        "Serwer odrzuca klucz: jest błędny, usunięty albo wygasł. Utwórz nowy w Odoo (Odczyt radiowy › Kolektor)."
    ),
    "The user of this key may not upload dumps ({message}).": (
        "Użytkownik tego klucza nie może wysyłać zrzutów ({message})."
    ),
    "No such database or method on the server; check address and database.": (
        "Na serwerze nie ma takiej bazy lub metody; sprawdź adres i bazę."
    ),
    "waits to be processed": "czeka na przetworzenie",
    "is being processed": "jest przetwarzany",
    "processed": "przetworzony",
    "cannot be read": "nieczytelny",
    "The answer is not that of an Odoo server; check the address.": (
        "To nie jest odpowiedź serwera Odoo; sprawdź adres."
    ),
    "The server cannot be reached ({reason}).": "Serwer jest niedostępny ({reason}).",
    "The server points elsewhere; give its final address as --url.": (
        "Serwer odsyła pod inny adres; podaj ostateczny adres w --url."
    ),
    "The server answers {code}: {message}": "Serwer odpowiada {code}: {message}",
    "{reason} Trying again in {seconds} s ({attempt} of {attempts}).": (
        "{reason} Kolejna próba za {seconds} s ({attempt} z {attempts})."
    ),
    # simulator
    "Simulated {title} at {link}; waiting for a program that listens.": (
        "Symulowany {title} w {link}; czekam na program nasłuchujący."
    ),
    "{count} telegrams played.": "Odtworzono telegramów: {count}.",
    "{path}, line {line}: no telegram.": "{path}, wiersz {line}: to nie jest telegram.",
    "The simulator needs Linux or macOS.": "Symulator wymaga systemu Linux lub macOS.",
    "Dongle unplugged.": "Odbiornik odłączony.",
    "Dongle plugged in again.": "Odbiornik podłączony ponownie.",
    "{path} exists and is no link of a simulator.": "{path} istnieje i nie jest portem symulatora.",
}
