"""The most usual words of German, French, Spanish, Turkish and Arabic."""

from typing import Final

WORDS: Final = """
physique 3:
sportlich laufen joggen schwimmen turnen radfahren fahrrad wandern klettern fussball krafttraining
fitnessstudio handballtraining kampfsport reiten spazieren spaziergang courir natation nager velo randonnee
escalade musculation gymnastique marche marcher correr carrera nadar natacion futbol baloncesto ciclismo
bicicleta gimnasio senderismo escalada caminar caminata deporte pesas spor kosu kosmak kosusu yuzme yuzmek
basketbol bisiklet yuruyus yurumek antrenman egzersiz tirmanis gures رياضة الجري جري ركض سباحة كرة كرة_القدم
مشي المشي تمارين جيم ملاكمة دراجة

physique 2 creativity 1:
tanzen tanz danse danser bailar baile dans

energy 3:
schlaf schlafen mittagsschlaf ausruhen entspannen entspannung meditieren atmen atemubung atemubungen
gesundheit arzt zahnarzt zahne duschen baden essen fruhstuck mittagessen abendessen erholung gesund beten
wasser_trinken sommeil dormir sieste repos reposer detente respirer respiration sante medecin dentiste
douche bain manger petit_dejeuner dejeuner diner priere se_reposer bien_etre descanso descansar relajacion
meditar meditacion respirar salud medico dentista ducha comer desayuno almuerzo cena rezar uyku uyumak
dinlenme dinlenmek meditasyon nefes saglik doktor dis dus yemek_yemek kahvalti نوم النوم قيلولة راحة استراحة
تأمل صحة طبيب صلاة الصلاة فطور غداء عشاء

logic 3:
mathe mathematik rechnen lernen studieren studium hausaufgabe hausaufgaben prufung klausur programmieren
informatik lesen buch sprache deutsch vokabeln steuer steuererklarung haushaltsplan buchhaltung schach
planung planen arbeit buro reparieren reparatur physik chemie biologie geschichte forschung mathematiques
etudier etudes devoirs examen programmation lire livre langue anglais francais allemand comptabilite impots
echecs planifier travail bureau reparer recherche physique chimie histoire matematicas estudiar estudio
deberes programacion programar leer lectura libro idioma ingles espanol aleman contabilidad impuestos
ajedrez planificar trabajo oficina reparar investigacion fisica quimica historia matematik ders odev sinav
programlama kodlama okumak kitap okuma dil ingilizce almanca ispanyolca muhasebe butce satranc planlama
calisma calismak ofis tamir arastirma fizik kimya biyoloji tarih yazilim دراسة الدراسة واجب برمجة قراءة لغة
الانجليزية ميزانية تخطيط عمل بحث

creativity 3:
malen zeichnen kunst musik klavier gitarre geige singen gesang schreiben schreibend gedicht basteln stricken
hakeln nahen topfern fotografieren fotografie schlagzeug flote chor entwerfen gestalten backen tischlern
handwerk dessin dessiner peinture peindre musique guitare violon chanter chant ecrire ecriture poeme tricot
tricoter couture coudre poterie photographie bricolage patisserie batterie dibujo dibujar pintura pintar
arte musica guitarra cantar canto escribir escritura poema tejer coser ceramica fotografia manualidades
teatro hornear bateria resim cizim cizmek muzik gitar piyano keman sarki yazmak yazi siir orgu dikis seramik
fotograf fotografcilik tiyatro boyama رسم الرسم عزف غيتار بيانو غناء كتابة خياطة تصوير خط فن

creativity 2 energy 1:
kochen kuche cuisiner cocina cocinar yemek_yapmak yemek_pisirmek طبخ الطبخ

social 3:
familie freunde freund freundin mutter vater oma opa eltern kinder kind tochter sohn bruder schwester
treffen besuch besuchen anrufen telefonieren telefonat feier geburtstag besprechung ehrenamt nachbar
unterrichten famille ami amis amie mere pere maman enfant enfants fille fils frere soeur grand_mere
grand_pere appeler appel telephone fete anniversaire benevolat enseigner rendezvous visite voisin familia
amigo amigos amiga madre padre hijo hija hijos ninos hermano hermana abuela abuelo llamar llamada fiesta
cumpleanos voluntariado visitar visita ensenar aile arkadas arkadaslar anne baba kardes abla abi cocuk
cocuklar teyze amca dede buyukanne arama telefon toplanti ziyaret parti dogum_gunu gonullu ogretmek sohbet
arkadaslarla komsu عائلة العائلة أصدقاء صديق أم أمي أبي أخ أخت أطفال جدتي جدي زيارة اتصال حفلة تطوع
"""
